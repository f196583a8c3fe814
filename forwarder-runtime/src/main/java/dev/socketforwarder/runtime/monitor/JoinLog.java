package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.groups.MemberView;
import dev.socketforwarder.runtime.groups.MembershipListener;
import dev.socketforwarder.runtime.logging.FieldLog;
import dev.socketforwarder.runtime.text.GroupText;
import dev.socketforwarder.runtime.text.Values;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Logs joins and leaves, of all transports in the same words.
 *
 * @param logsJoins tells whether the setting {@code log-joins} is on now; otherwise the lines have the level {@code DEBUG}
 * @param next learns of them too
 */
public record JoinLog(BooleanSupplier logsJoins, MembershipListener next) implements MembershipListener {
    private static final FieldLog LOG = new FieldLog(JoinLog.class);

    private Level level() {
        return logsJoins.getAsBoolean() ? Level.INFO : Level.DEBUG;
    }

    @Override
    public void joined(MemberView member, int members) {
        if (LOG.isLoggable(level())) {
            var text = who(member) + " joined " + GroupText.of(member.group()) + now(members);
            LOG.log(level(), text, fields(member, members));
        }
        next.joined(member, members);
    }

    @Override
    public void left(MemberView member, Reason reason, int members) {
        if (LOG.isLoggable(level())) {
            var text = who(member) + " left " + GroupText.of(member.group()) + ": " + reason + now(members);
            var fields = fields(member, members);
            fields.put("reason", reason.label());
            fields.put("bytesIn", member.bytesIn());
            fields.put("bytesOut", member.bytesOut());
            fields.put("unsent", member.queuedBytes());
            LOG.log(level(), text, fields);
        }
        next.left(member, reason, members);
    }

    private static Map<String, Object> fields(MemberView member, int members) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("endpoint", member.endpoint());
        fields.put("peer", member.name());
        fields.put("member", member.id());
        fields.put("group", member.group().name());
        fields.put("members", members);
        return fields;
    }

    private static String who(MemberView member) {
        return member.endpoint() + " " + member.name();
    }

    private static String now(int members) {
        return " (" + Values.counted(members, "member") + ")";
    }
}
