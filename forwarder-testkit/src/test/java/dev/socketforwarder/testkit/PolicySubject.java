package dev.socketforwarder.testkit;

import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.testkit.FaultyPolicy.Wrong;
import java.util.List;
import java.util.Map;

/** The handshake contract for a policy with a fault. {@link Mutants} runs its tests. */
final class PolicySubject extends HandshakeContract {
    private final Wrong wrong = (Wrong) Mutants.current();

    @Override
    protected HandshakePolicy policy() {
        return new FaultyPolicy(wrong);
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("word", "JOIN");
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                Example.admitted("JOIN group\ndata", "group", 11),
                Example.undecided("JOIN gro"),
                Example.refused("NONSENSE\n"));
    }
}
