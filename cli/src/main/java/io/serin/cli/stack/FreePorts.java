package io.serin.cli.stack;

import io.serin.cli.stack.supervise.StackException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Finds ports that nobody listens on, and says who asked for one that is taken. Not thread-safe.
 */
final class FreePorts {

  // Below the range from which systems take the ports of outgoing connections.
  private static final int LOWEST = 20_000;
  private static final int HIGHEST = 32_000;
  private static final int TRIES = 1_000;

  private final RandomGenerator random;
  private final Set<Integer> given = new HashSet<>();

  FreePorts(RandomGenerator random) {
    this.random = random;
  }

  /** A free port of the loopback address, never the same twice. */
  int any() throws StackException {
    for (int i = 0; i < TRIES; i++) {
      int port = random.nextInt(LOWEST, HIGHEST);
      if (free("127.0.0.1", port) && given.add(port)) {
        return port;
      }
    }
    throw new StackException(
        "no free port was found between " + LOWEST + " and " + HIGHEST + " on 127.0.0.1");
  }

  /**
   * The wanted port, or any if 0 is wanted.
   *
   * @param who needs it, for the message
   * @param option by which another one is chosen
   * @throws StackException if another program listens on it, or another part asked for it before
   */
  int claim(String host, int wanted, String who, String option) throws StackException {
    if (wanted == 0) {
      return any();
    }
    check(host, wanted, who, option);
    return wanted;
  }

  /** Checks a port that will be taken by the process itself; 0 is always fine. */
  void check(String host, int wanted, String who, String option) throws StackException {
    if (wanted == 0) {
      return;
    }
    if (!given.add(wanted)) {
      throw new StackException(
          "port "
              + wanted
              + " is wanted twice, the second time by the "
              + who
              + ": choose another one with "
              + option);
    }
    if (!free(host, wanted)) {
      throw new StackException(
          "port "
              + wanted
              + ", on which the "
              + who
              + " is to listen, is taken by another program: stop that program, or choose another"
              + " port with "
              + option
              + " (0: any free one)");
    }
  }

  private static boolean free(String host, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
