package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.runtime.groups.PeerMember;
import java.net.InetSocketAddress;
import java.util.Optional;

/** A member that knows its peer, as a connection of the runtime does. */
public class TestPeerMember extends TestMember implements PeerMember {
    private static final int PORT = 1;

    private final String address;

    /** Make one whose peer has this IP address, which is its source too. */
    public TestPeerMember(String address, TestOwner owner) {
        super(address, owner);
        this.address = address;
    }

    @Override
    public String address() {
        return address + ":" + PORT;
    }

    @Override
    public Peer peer() {
        return new Peer("tcp", new InetSocketAddress(address, PORT), new InetSocketAddress(PORT));
    }

    @Override
    public Optional<String> tls() {
        return Optional.empty();
    }

    @Override
    public Optional<Transmission> transmission() {
        return Optional.empty();
    }

    @Override
    public Optional<Object> source() {
        return Optional.of(address);
    }

    @Override
    public void measure(Runnable then) {
        owner.execute(then);
    }

    @Override
    public boolean isHeldBack() {
        return false;
    }
}
