package io.serin.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.http.Operator;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class WorkerHttpTest {

  @Test
  void shouldTellHealthAndMetrics() throws IOException, InterruptedException {
    AtomicBoolean ready = new AtomicBoolean();
    try (WorkerHttp http =
            new WorkerHttp(
                "127.0.0.1", 0, null, () -> true, ready::get, () -> "serin_worker_lag 3\n");
        HttpClient client = HttpClient.newHttpClient()) {
      assertThat(get(client, http, "/health/live").statusCode()).isEqualTo(200);
      assertThat(get(client, http, "/health/ready").statusCode()).isEqualTo(503);
      ready.set(true);
      assertThat(get(client, http, "/health/ready").statusCode()).isEqualTo(200);
      assertThat(get(client, http, "/metrics").body()).isEqualTo("serin_worker_lag 3\n");
      assertThat(get(client, http, "/metrics/more").statusCode()).isEqualTo(404);
      assertThat(get(client, http, "/").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void shouldAskForATokenForMetricsOnly(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("tokens"), "viewer vi viewer-token-0001\n");
    try (WorkerHttp http =
            new WorkerHttp(
                "127.0.0.1",
                0,
                Operator.tokens("tokens", file),
                () -> true,
                () -> true,
                () -> "serin_worker_lag 3\n");
        HttpClient client = HttpClient.newHttpClient()) {
      assertThat(get(client, http, "/health/live").statusCode()).isEqualTo(200);
      assertThat(get(client, http, "/metrics").statusCode()).isEqualTo(401);
      assertThat(
              client
                  .send(
                      HttpRequest.newBuilder(
                              URI.create("http://127.0.0.1:" + http.port() + "/metrics"))
                          .header("authorization", "Bearer viewer-token-0001")
                          .build(),
                      BodyHandlers.ofString())
                  .body())
          .isEqualTo("serin_worker_lag 3\n");
    }
  }

  @Test
  void shouldExplainItself() {
    String help = new CommandLine(new WorkerCommand()).getUsageMessage();

    assertThat(help).contains("--name", "--port", "--max-pending", "--kafka", "Example:");
  }

  private static HttpResponse<String> get(HttpClient client, WorkerHttp http, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path)).build(),
        BodyHandlers.ofString());
  }
}
