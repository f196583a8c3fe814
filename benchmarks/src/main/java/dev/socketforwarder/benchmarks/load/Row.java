package dev.socketforwarder.benchmarks.load;

/**
 * What one server showed in one scenario.
 *
 * @param runs its rounds; fewer than planned if it failed
 * @param residentMb after the last round
 * @param allocatedPerMessage bytes on the heap for each message sent, of the forwarder alone; else 0
 * @param failure empty, or why there are no more rounds
 */
record Row(Product product, Runs runs, double residentMb, double allocatedPerMessage, String failure) {

    /** {@return how often something was out of order or damaged} */
    long faults() {
        return runs.sum(result -> result.disordered() + result.damaged());
    }
}
