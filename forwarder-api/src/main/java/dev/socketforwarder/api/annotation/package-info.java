/** Marks of the API's types, which the build reads. Nothing here ever changes what a program does. */
package dev.socketforwarder.api.annotation;
