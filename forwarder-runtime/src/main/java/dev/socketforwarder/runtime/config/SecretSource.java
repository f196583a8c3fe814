package dev.socketforwarder.runtime.config;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.config.Origin.Source;
import dev.socketforwarder.runtime.process.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;

/** Reads secrets, which may stand in a file of their own or in the environment. */
final class SecretSource {
    private static final int LONGEST = 64 * 1024;

    private SecretSource() {}

    /** {@return the secret under its own key, which only the environment may set, and only if no file is named} */
    static String ofEnvironment(Setting setting, Optional<Setting> file) {
        var key = setting.key();
        if (setting.origin().source() != Source.ENVIRONMENT) {
            throw new SettingException(setting.origin().place() + ": " + key
                    + " is a secret, which others could read here; put it into a file and set " + key
                    + Keys.SECRET_FILE + " to its name, or set " + Keys.variable(key) + " in the environment");
        }
        if (file.isPresent()) {
            throw new SettingException(setting.origin().place() + ": " + key + " is set, and so is "
                    + file.get().key() + " (" + file.get().origin().place() + "); remove one of them");
        }
        return setting.text();
    }

    /** {@return the content of the file that a setting names} */
    static String ofFile(Setting setting, String name) {
        try {
            var bytes = SmallFile.read(Path.of(name), LONGEST);
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        } catch (CharacterCodingException _) {
            throw wrong(setting, name, "in UTF-8");
        } catch (InvalidPathException _) {
            throw wrong(setting, name, "that can be read");
        } catch (IOException e) {
            throw wrong(setting, name, "that can be read: " + e.getMessage());
        }
    }

    /** {@return whether every user of this machine may read a file} */
    static boolean isPublic(String name) {
        try {
            return Files.getPosixFilePermissions(Path.of(name)).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | InvalidPathException | UnsupportedOperationException _) {
            return false; // the file does not exist, or the system has no such modes
        }
    }

    private static SettingException wrong(Setting setting, String name, String what) {
        return new SettingException(setting.origin().place() + ": " + setting.key() + " is "
                + Secrets.shown(setting.key(), name)
                + ", but must be the name of a file " + what);
    }
}
