/** Annotations for types of the API, which the build reads. They never change what a program does. */
package dev.socketforwarder.api.annotation;
