package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.runtime.streams.arrival.ProxyHeaderFuzz;
import dev.socketforwarder.runtime.streams.wire.TlsInputFuzz;
import dev.socketforwarder.runtime.testing.Corpus;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Runs the fuzzers' seeds, and the inputs that the fuzzers once found, without a fuzzer. */
class CorpusTest {

    @TestFactory
    Stream<DynamicTest> proxyHeader() throws IOException {
        return Corpus.each("ProxyHeaderFuzz", ProxyHeaderFuzz::fuzzerTestOneInput);
    }

    @TestFactory
    Stream<DynamicTest> tlsInput() throws IOException {
        return Corpus.each("TlsInputFuzz", TlsInputFuzz::fuzzerTestOneInput);
    }
}
