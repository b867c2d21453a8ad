package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.feedback.RequestId;
import io.serin.schemas.FeedbackEvent;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeedbackTest extends RouterTestBase {

  @Test
  void shouldAttributeFeedbackByTheIdAlone() {
    split(10_000);
    String id = header(chat(false), "x-request-id");

    HttpResponse<String> response = feedback(id, "\"kind\":\"thumb\",\"value\":1");

    assertThat(response.statusCode()).isEqualTo(202);
    RequestEvent request = evidence.events(1).getFirst();
    FeedbackEvent feedback = evidence.feedback(1).getFirst();
    assertThat(feedback.getRequestId()).isEqualTo(request.getRequestId());
    assertThat(feedback.getKind()).isEqualTo("thumb");
    assertThat(feedback.getValue()).isEqualTo(1.0);
    assertThat(feedback.getRollout()).isEqualTo("assistant");
    assertThat(feedback.getRun()).isEqualTo("run-1");
    assertThat(feedback.getStage()).isEqualTo(1);
    assertThat(feedback.getUnit()).isEqualTo(request.getUnit());
    assertThat(feedback.getAssignedVariant()).isEqualTo("candidate");
    assertThat(feedback.getServedVariant()).isEqualTo("candidate");
    assertThat(feedback.getWhy()).isEqualTo(Why.ASSIGNED);
  }

  @Test
  void shouldAttributeFeedbackOnAFallbackToControl() {
    split(10_000);
    candidate.does(Upstream.json(500, "{}"));
    String id = header(chat(false), "x-request-id");

    feedback(id, "\"kind\":\"score\",\"value\":0.25");

    FeedbackEvent feedback = evidence.feedback(1).getFirst();
    assertThat(feedback.getAssignedVariant()).isEqualTo("candidate");
    assertThat(feedback.getServedVariant()).isEqualTo("control");
    assertThat(feedback.getWhy()).isEqualTo(Why.FALLBACK);
    assertThat(feedback.getValue()).isEqualTo(0.25);
  }

  @Test
  void shouldTakeLabelsAndComments() {
    String id =
        ids.write(
            new RequestId(1, "assistant", "run", 0, "unit", "control", "control", "ASSIGNED"));

    assertThat(feedback(id, "\"kind\":\"label\",\"label\":\"wrong\"").statusCode()).isEqualTo(202);
    assertThat(evidence.feedback(1).getFirst().getLabel()).isEqualTo("wrong");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "request_id | forged | \"kind\":\"thumb\",\"value\":1",
        "kind | | \"value\":1",
        "kind | | \"kind\":\"stars\",\"value\":1",
        "value | | \"kind\":\"thumb\",\"value\":2",
        "value | | \"kind\":\"score\",\"value\":\"high\"",
        "label | | \"kind\":\"label\"",
      })
  void shouldRefuseWhatCannotBeAttributedNamingTheField(String field, String badId, String rest) {
    String id =
        ids.write(
            new RequestId(1, "assistant", "run", 0, "unit", "control", "control", "ASSIGNED"));

    HttpResponse<String> response = feedback(badId == null ? id : badId, rest);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).at("/error/param").asText()).isEqualTo(field);
    assertThat(json(response).at("/error/message").asText()).contains(field);
  }

  @Test
  void shouldAnswer429WithRetryAfterToAFloodForOneRequestAndTakeOthers() {
    String flooded = id(1);
    for (int i = 0; i < 20; i++) {
      assertThat(feedback(flooded, "\"kind\":\"thumb\",\"value\":1").statusCode()).isEqualTo(202);
    }

    HttpResponse<String> refused = feedback(flooded, "\"kind\":\"thumb\",\"value\":1");

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(Integer.parseInt(header(refused, "retry-after"))).isBetween(1, 10);
    assertThat(json(refused).at("/error/message").asText()).contains("request id");
    assertThat(feedback(id(2), "\"kind\":\"thumb\",\"value\":1").statusCode()).isEqualTo(202);
    assertThat(registry.scrape()).contains("serin_router_feedback_refused_total 1.0");
    HttpResponse<String> bulk =
        post(
            "/v1/feedback/bulk",
            "{\"feedback\":[{\"request_id\":\"%s\",\"kind\":\"thumb\",\"value\":1}]}"
                .formatted(flooded));
    assertThat(json(bulk).at("/data/0/error/type").asText()).isEqualTo("rate_limit_error");
  }

  @Test
  void shouldAnswer503WhereTheRestOfTheJournalIsForRequests() {
    split(10_000);
    evidence.fill();

    HttpResponse<String> refused = feedback(id(1), "\"kind\":\"thumb\",\"value\":1");

    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(header(refused, "retry-after")).isEqualTo("30");
    assertThat(chat(false).statusCode()).isEqualTo(200);
  }

  private String id(long nonce) {
    return ids.write(
        new RequestId(
            nonce, "assistant", "run", 0, "unit-" + nonce, "control", "control", "ASSIGNED"));
  }

  private HttpResponse<String> feedback(String id, String rest) {
    return post("/v1/feedback", "{\"request_id\":\"" + id + "\"," + rest + "}");
  }
}
