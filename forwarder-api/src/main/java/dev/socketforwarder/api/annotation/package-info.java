/** Marks for types of the API, which the build reads. Nothing here ever changes what a program does. */
package dev.socketforwarder.api.annotation;
