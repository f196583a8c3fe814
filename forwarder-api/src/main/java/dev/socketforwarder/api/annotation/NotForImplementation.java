package dev.socketforwarder.api.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an interface that the runtime implements and a plugin only calls.
 *
 * <p>A minor version of the API may add methods to a marked interface. Plugins that only call the interface are not affected. A
 * plugin that implements the interface itself may fail, or no longer compile, with the next minor version. For test doubles, use
 * the scripted implementations of the testkit. The build's compatibility check allows new methods in marked interfaces and in no
 * others.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.TYPE)
public @interface NotForImplementation {}
