package dev.socketforwarder.runtime.plugins;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A temporary folder for this process and this user alone, which goes with the process. One that is killed leaves its own
 * behind: whoever makes the next removes it. That a process is gone is told by a lock, which the kernel takes from it when it
 * ends: the numbers of processes come again, in containers at once.
 *
 * @param path where it is
 * @param lock keeps it from being removed, as long as this is open
 */
record ProcessFolder(Path path, FileChannel lock) {
    private static final Logger LOG = System.getLogger(ProcessFolder.class.getName());
    private static final String PREFIX = "socketforwarder-plugins-";
    private static final String LOCK = "lock";
    private static final int MOST_TRIES = 10;
    private static final Set<PosixFilePermission> OWNER_ALONE = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    /** This process's: to open and close their locks' files would let go of the locks. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    /** Make one, and remove those that processes of this user have left behind there. */
    static ProcessFolder in(Path parent) throws IOException {
        for (int i = 0; i < MOST_TRIES; i++) {
            var path = Files.createTempDirectory(parent, PREFIX); // for its owner alone
            OWN.add(path);
            var lock = lock(path);
            if (lock != null) {
                removeLeftBehind(parent, Files.getOwner(path));
                Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> remove(path)));
                return new ProcessFolder(path, lock);
            }
            OWN.remove(path); // somebody has removed it before it was locked
        }
        throw new IOException("a folder in " + parent + " vanishes as often as it is made");
    }

    /** {@return a channel that holds the folder's lock; null if somebody else does, or has removed it} */
    private static FileChannel lock(Path folder) throws IOException {
        var file = folder.resolve(LOCK);
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException _) {
            return null;
        }
        try {
            // Whoever removes it removes this file first, and lets go of it then.
            if (channel.tryLock() != null && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return channel;
            }
        } catch (OverlappingFileLockException _) {
            // It is in this process.
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        return null;
    }

    private static void removeLeftBehind(Path parent, UserPrincipal user) throws IOException {
        try (var all = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (var folder : all) {
                if (!OWN.contains(folder) && isOf(user, folder)) {
                    removeUnlessLocked(folder);
                }
            }
        }
    }

    /**
     * {@return whether nobody else can have put anything there: anyone may make a folder of this name, with links in it}
     */
    private static boolean isOf(UserPrincipal user, Path folder) {
        var view = Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null) {
            return false; // another system, where it stays
        }
        try {
            var attributes = view.readAttributes();
            return attributes.isDirectory()
                    && attributes.owner().equals(user)
                    && OWNER_ALONE.containsAll(attributes.permissions());
        } catch (IOException _) {
            return false; // somebody else was first
        }
    }

    private static void removeUnlessLocked(Path folder) {
        try (var lock = lock(folder)) {
            if (lock != null) {
                remove(folder);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Looking at " + folder, e);
        }
    }

    /** Remove a folder and all in it, as far as that can be done; links are not followed. */
    static void remove(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path left, IOException failure) throws IOException {
                    Files.delete(left);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Removing " + folder, e);
        }
    }
}
