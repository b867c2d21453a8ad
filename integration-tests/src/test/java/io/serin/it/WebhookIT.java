package io.serin.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** A person rolls back; the system that the file names hears of it, signed. */
class WebhookIT {

  private record Got(String signature, String body) {}

  @Test
  void shouldTellAWebhookThatACandidateWasRolledBack() throws Exception {
    BlockingQueue<Got> got = new LinkedBlockingQueue<>();
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    receiver.createContext(
        "/hook",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          got.add(new Got(exchange.getRequestHeaders().getFirst("serin-signature"), body));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    receiver.start();
    try {
      Loop loop = Loop.shared();
      post(
          loop,
          "/v1/rollouts",
          """
          rollout: notified
          unit: [header:x-user-id]
          variants:
            control:   {url: http://127.0.0.1:%d/v1}
            candidate: {url: http://127.0.0.1:%d/v1}
          stages:
            - {weight: 50%%}
          notify:
            - {webhook: "http://127.0.0.1:%d/hook", events: [rolled-back], secret: "env:SERIN_TEST_HOOK_KEY"}
          """
              .formatted(
                  loop.modelPort("url"),
                  loop.modelPort("candidateUrl"),
                  receiver.getAddress().getPort()));
      post(
          loop,
          "/v1/rollouts/notified/actions",
          "{\"kind\": \"rollback\", \"who\": \"ann\", \"reason\": \"complaints\"}");

      Got told = got.poll(30, TimeUnit.SECONDS);

      assertThat(told).as("told within 30 s").isNotNull();
      JsonNode json = new ObjectMapper().readTree(told.body());
      assertThat(json.get("kind").asText()).isEqualTo("rolled-back");
      assertThat(json.get("rollout").asText()).isEqualTo("notified");
      assertThat(json.get("text").asText()).startsWith("notified: Rolled back: asked for by ann");
      assertThat(json.get("details").get("reason").asText()).isEqualTo("complaints");
      String seconds = told.signature().substring(2, told.signature().indexOf(','));
      assertThat(told.signature())
          .endsWith(",v1=" + hmac("swordfish", seconds + "." + told.body()));
    } finally {
      receiver.stop(0);
    }
  }

  private static void post(Loop loop, String path, String body) throws Exception {
    int status =
        loop.send(
                HttpRequest.newBuilder(loop.control(path))
                    .header("content-type", "application/json")
                    .header("x-serin-who", "ann")
                    .POST(BodyPublishers.ofString(body)))
            .statusCode();
    assertThat(status).as(path).isBetween(200, 202);
  }

  private static String hmac(String key, String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
  }
}
