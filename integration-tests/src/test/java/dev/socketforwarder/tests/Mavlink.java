package dev.socketforwarder.tests;

import io.dronefleet.mavlink.MavlinkConnection;
import io.dronefleet.mavlink.minimal.Heartbeat;
import io.dronefleet.mavlink.minimal.MavAutopilot;
import io.dronefleet.mavlink.minimal.MavState;
import io.dronefleet.mavlink.minimal.MavType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Set;

/** Makes and reads heartbeats of MAVLink 2 with a library that autopilots and ground stations are served by. */
final class Mavlink {
    private static final int COMPONENT = 1;

    private Mavlink() {}

    /** {@return the packet in which a system says that it is there} */
    static byte[] heartbeat(int system) {
        var bytes = new ByteArrayOutputStream();
        var heartbeat = Heartbeat.builder()
                .type(MavType.MAV_TYPE_QUADROTOR)
                .autopilot(MavAutopilot.MAV_AUTOPILOT_PX4)
                .baseMode()
                .systemStatus(MavState.MAV_STATE_ACTIVE)
                .mavlinkVersion(3)
                .build();
        try {
            MavlinkConnection.create(InputStream.nullInputStream(), bytes).send2(system, COMPONENT, heartbeat);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the systems whose heartbeats the bytes contain; a packet with a wrong checksum is none} */
    static Set<Integer> systems(byte[] bytes) {
        var systems = new HashSet<Integer>();
        var in = MavlinkConnection.create(new ByteArrayInputStream(bytes), OutputStream.nullOutputStream());
        try {
            while (true) {
                var message = in.next();
                if (message.getPayload() instanceof Heartbeat) {
                    systems.add(message.getOriginSystemId());
                }
            }
        } catch (EOFException _) {
            return systems;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
