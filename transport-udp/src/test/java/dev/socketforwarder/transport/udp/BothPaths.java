package dev.socketforwarder.transport.udp;

import dev.socketforwarder.transport.udp.settings.IoPath;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs a class of tests once for each way of I/O that this system has. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "{0}")
@MethodSource("dev.socketforwarder.transport.udp.BothPaths$Paths#all")
public @interface BothPaths {

    /** Provides the arguments. */
    public final class Paths {
        private Paths() {}

        static List<IoPath> all() {
            return System.getProperty("os.name").equals("Linux")
                    ? List.of(IoPath.NATIVE, IoPath.NIO)
                    : List.of(IoPath.NIO);
        }
    }
}
