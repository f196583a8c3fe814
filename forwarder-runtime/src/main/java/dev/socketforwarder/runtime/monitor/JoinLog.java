package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.groups.MemberView;
import dev.socketforwarder.runtime.groups.MembershipListener;
import dev.socketforwarder.runtime.text.GroupText;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/**
 * Logs joins and leaves, of all transports in the same words.
 *
 * @param level {@code INFO} where the setting {@code log-joins} is on, otherwise {@code DEBUG}
 * @param next learns of them too
 */
public record JoinLog(Level level, MembershipListener next) implements MembershipListener {
    private static final Logger LOG = System.getLogger(JoinLog.class.getName());

    @Override
    public void joined(MemberView member, int members) {
        log(() -> who(member) + " joined " + GroupText.of(member.group()) + now(members));
        next.joined(member, members);
    }

    @Override
    public void left(MemberView member, Reason reason, int members) {
        log(() -> who(member) + " left " + GroupText.of(member.group()) + ": " + reason + now(members));
        next.left(member, reason, members);
    }

    private void log(Supplier<String> line) {
        LOG.log(level, line);
    }

    private static String who(MemberView member) {
        return member.endpoint() + " " + member.name();
    }

    private static String now(int members) {
        return members == 1 ? " (1 member)" : " (" + members + " members)";
    }
}
