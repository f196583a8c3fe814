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
 * A temporary folder for this process and this user alone, removed when the process ends. A killed process leaves its
 * folder behind, and the next process removes it. A lock tells whether the folder's process is alive, since the kernel
 * releases the lock when the process ends. Process ids would not do: they are reused, and in containers soon.
 *
 * @param path the folder
 * @param lock protects the folder from removal while the channel is open
 */
record ProcessFolder(Path path, FileChannel lock) {
    private static final Logger LOG = System.getLogger(ProcessFolder.class.getName());
    private static final String PREFIX = "socketforwarder-plugins-";
    private static final String LOCK = "lock";
    private static final int MOST_TRIES = 10;
    private static final Set<PosixFilePermission> OWNER_ALONE = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    /** The folders of this process. Opening and closing their lock files again would release the locks. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    /** Make a folder, and remove those that ended processes of this user have left in the parent. */
    static ProcessFolder in(Path parent) throws IOException {
        for (int i = 0; i < MOST_TRIES; i++) {
            var path = Files.createTempDirectory(parent, PREFIX); // accessible to its owner alone
            OWN.add(path);
            var lock = lock(path);
            if (lock != null) {
                removeLeftBehind(parent, Files.getOwner(path));
                Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> remove(path)));
                return new ProcessFolder(path, lock);
            }
            OWN.remove(path); // another process removed it before it was locked
        }
        throw new IOException("a folder in " + parent + " disappears whenever it is made");
    }

    /**
     * {@return a channel that holds the folder's lock; null if another process holds the lock or has removed the
     * folder}
     */
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
            // A process that removes the folder removes this file first, and then releases its lock.
            if (channel.tryLock() != null && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                return channel;
            }
        } catch (OverlappingFileLockException _) {
            // This process holds the lock.
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
     * {@return whether only this user can have written to the folder; anybody may make a folder of this name, with
     * links in it}
     */
    private static boolean isOf(UserPrincipal user, Path folder) {
        var view = Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null) {
            return false; // not a POSIX system: keep the folder
        }
        try {
            var attributes = view.readAttributes();
            return attributes.isDirectory()
                    && attributes.owner().equals(user)
                    && OWNER_ALONE.containsAll(attributes.permissions());
        } catch (IOException _) {
            return false; // another process removed it first
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

    /** Remove a folder and its content as far as possible, without following links. */
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
