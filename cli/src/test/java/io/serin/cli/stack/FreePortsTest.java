package io.serin.cli.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.serin.cli.stack.supervise.StackException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FreePortsTest {

  private final FreePorts ports = new FreePorts(new Random(1));

  @Test
  void shouldNameThePortAndTheOptionWhenItIsTaken() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int taken = other.getLocalPort();

      assertThatThrownBy(() -> ports.check("127.0.0.1", taken, "router", "--port"))
          .isInstanceOf(StackException.class)
          .hasMessageContaining("port " + taken)
          .hasMessageContaining("router")
          .hasMessageContaining("--port");
    }
  }

  @Test
  void shouldRefuseOnePortForTwoParts() throws Exception {
    int port = ports.any();
    FreePorts others = new FreePorts(new Random(2));
    others.check("127.0.0.1", port, "router", "--port");

    assertThatThrownBy(() -> others.check("127.0.0.1", port, "worker", "--worker-port"))
        .hasMessageContaining("wanted twice")
        .hasMessageContaining("--worker-port");
  }

  @Test
  void shouldNeverGiveTheSamePortTwice() throws Exception {
    assertThat(ports.any()).isNotEqualTo(ports.any());
    assertThat(ports.claim("127.0.0.1", 0, "broker", "--kafka-port")).isPositive();
  }
}
