package dev.socketforwarder.transport.udp;

import dev.socketforwarder.transport.udp.settings.IoPath;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A class of tests that hold for each way to speak to the kernel: it is run for each that this system has. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "{0}")
@MethodSource("dev.socketforwarder.transport.udp.BothPaths$Paths#all")
public @interface BothPaths {

    /** The arguments. */
    public final class Paths {
        private Paths() {}

        static List<IoPath> all() {
            return System.getProperty("os.name").equals("Linux")
                    ? List.of(IoPath.NATIVE, IoPath.NIO)
                    : List.of(IoPath.NIO);
        }
    }
}
