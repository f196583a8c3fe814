package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.runtime.ContractPeer;
import dev.socketforwarder.runtime.TransportContract;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;

/** The TCP transport keeps the contract of transports. */
class TcpContractTest extends TransportContract {

    TcpContractTest() {
        super(new TcpTransport(), Map.of("host-address", "127.0.0.1"));
    }

    @Override
    protected ContractPeer connect(InetSocketAddress server, String group) throws IOException {
        var client = new TestClient(server, 0);
        client.send(TestContext.PREFIX + group + "\n");
        return new ContractPeer() {
            @Override
            public void send(byte[] bytes) throws IOException {
                client.send(bytes);
            }

            @Override
            public byte[] receive(int n) throws IOException {
                return client.read(n);
            }

            @Override
            public void close() throws IOException {
                client.close();
            }
        };
    }
}
