package dev.socketforwarder.runtime.endpoints;

import java.util.List;

/**
 * Looks for two endpoints that would listen at one address and port. Only one of them could start.
 *
 * @param all where endpoints listen
 */
record DoubledPorts(List<Listening> all) {

    /**
     * Compare each address with those before it.
     *
     * @throws dev.socketforwarder.api.SettingException for the first that is taken
     */
    void look() {
        for (int i = 1; i < all.size(); i++) {
            var later = all.get(i);
            all.subList(0, i).stream()
                    .filter(earlier -> !earlier.owner().equals(later.owner()) && earlier.excludes(later))
                    .findFirst()
                    .ifPresent(earlier -> {
                        throw later.settings()
                                .invalid(
                                        Listening.PORT,
                                        Integer.toString(later.port()),
                                        "another port or at another address: " + earlier.owner() + " listens on "
                                                + earlier.protocol() + " " + earlier.shown());
                    });
        }
    }
}
