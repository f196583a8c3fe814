package dev.socketforwarder.api.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an interface that the runtime implements and a plugin only calls.
 *
 * <p>A minor version of the API may add methods to such an interface: plugins that call it are not affected. A plugin that
 * implements one itself may not compile, or fail, with the next minor version. A test double is best taken from the
 * testkit. The build knows the mark: the check of compatibility allows new methods in marked interfaces, and in no others.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface NotForImplementation {}
