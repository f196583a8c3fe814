package dev.socketforwarder.runtime.tls;

import dev.socketforwarder.runtime.process.SmallFile;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** The blocks of a PEM file (RFC 7468, or the older form with headers). Text around the blocks is skipped. */
record PemFile(List<Block> blocks) {
    private static final int LARGEST = 1 << 20;
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    /**
     * One block.
     *
     * @param label the text after BEGIN
     * @param isEncrypted whether the label or a header says that the block is encrypted
     * @param der the content; empty if it is encrypted
     */
    record Block(String label, boolean isEncrypted, byte[] der) {}

    /**
     * Read a file.
     *
     * @throws TlsException if the file cannot be read, or is not a PEM file
     */
    static PemFile read(Path file) throws TlsException {
        try {
            return parse(new String(SmallFile.read(file, LARGEST), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new TlsException(e.getMessage());
        }
    }

    static PemFile parse(String text) throws TlsException {
        var blocks = new ArrayList<Block>();
        String label = null;
        var base64 = new StringBuilder();
        boolean encrypted = false;
        for (var line : text.lines().map(String::strip).toList()) {
            if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
                label = line.substring(BEGIN.length(), line.length() - DASHES.length());
                base64.setLength(0);
                encrypted = label.startsWith("ENCRYPTED ");
            } else if (label != null && line.startsWith(END)) {
                blocks.add(new Block(label, encrypted, encrypted ? new byte[0] : decoded(label, base64.toString())));
                label = null;
            } else if (line.indexOf(':') >= 0) {
                encrypted |= line.startsWith("Proc-Type:") && line.endsWith("ENCRYPTED");
            } else {
                base64.append(line);
            }
        }
        if (label != null) {
            throw new TlsException("its block " + Printable.quoted(label) + " has no end");
        }
        return new PemFile(List.copyOf(blocks));
    }

    private static byte[] decoded(String label, String base64) throws TlsException {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException _) {
            throw new TlsException("its block " + Printable.quoted(label) + " is not base64");
        }
    }
}
