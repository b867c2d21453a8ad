package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.Command;
import io.serin.schemas.Outcome;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A client never gets a vector of one model in the place of another model's. */
class EmbeddingsTest extends RouterTestBase {

  private static final String PATH = "/v1/embeddings";
  private static final String ASK = "{\"model\":\"assistant\",\"input\":\"egg\",\"user\":\"ann\"}";
  private static final String ERROR = "{\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}";

  private static Upstream.Behaviour vector(double value) {
    return Upstream.json(
        200,
        "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":["
            + value
            + "]}],\"model\":\"e\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}");
  }

  @Test
  void shouldAnswerAnErrorRatherThanAnotherModelsVector() {
    split(10_000);
    control.does(vector(1));
    candidate.does(Upstream.json(500, ERROR));

    HttpResponse<String> response = post(PATH, ASK);

    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(json(response).at("/error/message").asText()).isEqualTo("no");
    assertThat(control.received()).isEmpty();
    RequestEvent event = evidence.events(1).getFirst();
    assertThat(event.getLast()).isTrue();
    assertThat(event.getWhy()).isEqualTo(Why.ASSIGNED);
    assertThat(event.getMeasurement().getOutcome()).isEqualTo(Outcome.HTTP_ERROR);
    assertThat(event.getClientOutcome()).isEqualTo(Outcome.HTTP_ERROR);
  }

  @Test
  void shouldServeFromControlWhereBothVariantsAreOneModel() {
    Command command = command(10_000);
    command.getVariants().get(1).setModel(command.getVariants().get(0).getModel());
    adopt(command);
    control.does(vector(1));
    candidate.does(Upstream.json(500, ERROR));

    HttpResponse<String> response = post(PATH, ASK);

    assertThat(json(response).at("/data/0/embedding/0").asDouble()).isEqualTo(1);
    assertThat(evidence.events(2).getLast().getWhy()).isEqualTo(Why.FALLBACK);
  }

  @Test
  void shouldAnswer429RatherThanAnotherModelsVectorOverACandidatesLimit() throws Exception {
    Command command = command(10_000);
    command.getVariants().get(1).setMaxConcurrency(1);
    adopt(command);
    BlockingQueue<HttpServerRequest> waiting = new LinkedBlockingQueue<>();
    candidate.does(waiting::add);
    CompletableFuture<HttpResponse<String>> first =
        http.sendAsync(request(PATH, ASK), BodyHandlers.ofString());
    HttpServerRequest held = waiting.poll(10, TimeUnit.SECONDS);

    HttpResponse<String> over = post(PATH, ASK);
    vector(2).answer(held);

    assertThat(over.statusCode()).isEqualTo(429);
    assertThat(json(first.get(10, TimeUnit.SECONDS)).at("/data/0/embedding/0").asDouble())
        .isEqualTo(2);
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldMoveARequestUnderWayWithItsUnitWhenTheCandidateIsTakenOut() throws Exception {
    split(10_000);
    control.does(vector(1));
    BlockingQueue<HttpServerRequest> waiting = new LinkedBlockingQueue<>();
    candidate.does(waiting::add);
    CompletableFuture<HttpResponse<String>> first =
        http.sendAsync(request(PATH, ASK), BodyHandlers.ofString());
    assertThat(waiting.poll(10, TimeUnit.SECONDS)).isNotNull();

    split(0);

    assertThat(json(first.get(10, TimeUnit.SECONDS)).at("/data/0/embedding/0").asDouble())
        .isEqualTo(1);
  }
}
