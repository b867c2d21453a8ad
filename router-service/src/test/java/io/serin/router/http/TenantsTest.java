package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.router.access.Access;
import io.serin.router.exchange.ApiSettings;
import io.serin.schemas.Command;
import io.serin.schemas.Excluded;
import io.serin.schemas.RequestEvent;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients' keys name tenants; operators' tokens open the admin port. */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
class TenantsTest extends RouterTestBase {

  private static final String KEY = "sk-acme-0123456789";
  private static final String OTHER_KEY = "sk-blue-0123456789";
  private static final String OPERATOR = "operator-0123456789";
  private static final String VIEWER = "viewer-0123456789";

  @TempDir private Path folder;

  @Override
  Access access() {
    try {
      return Access.of(
          null,
          Files.writeString(folder.resolve("keys"), "acme " + KEY + "\nblue " + OTHER_KEY + "\n"),
          Files.writeString(
              folder.resolve("tokens"), "operator ann " + OPERATOR + "\nviewer bob " + VIEWER));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  ApiSettings api() {
    return new ApiSettings(
        "assistant",
        Set.of(),
        100,
        0,
        false,
        Set.of(),
        new ApiSettings.SenderLimits(0, 30),
        Http2.DEFAULT);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions,authorization,Bearer sk-nobody-0123456789",
    "/v1/chat/completions,authorization,Basic sk-acme-0123456789",
    "/v1/chat/completions,x-serin-tenant,acme",
    "/v1/audio/speech,x-serin-tenant,acme",
    "/v1/feedbackward,x-serin-tenant,acme",
    "/v1/responses/resp_1,x-serin-tenant,acme"
  })
  void shouldRefuseWhoHasNoKeyOfThisRouter(String path, String header, String value) {
    split(10_000);

    HttpResponse<String> response = post(path, body(false), header, value);

    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(json(response).at("/error/code").asText()).isEqualTo("invalid_api_key");
    assertThat(candidate.received()).isEmpty();
    assertThat(control.received()).isEmpty();
  }

  @Test
  void shouldMakeTheTenantTheUnitAndKeepKeyAndTenantFromVariants() {
    Command command = command(10_000);
    command.setUnit(List.of("header:x-serin-tenant"));
    adopt(command);

    // Whatever a client says of itself, its key says who it is.
    post(CHAT, body(false), "authorization", "Bearer " + KEY, "x-serin-tenant", "blue");
    post(CHAT, body(false), "x-api-key", KEY);
    post(CHAT, body(false), "api-key", OTHER_KEY);

    List<String> units = evidence.events(3).stream().map(event -> event.getUnit()).toList();
    assertThat(units.get(0)).isEqualTo(units.get(1)).isNotEqualTo(units.get(2));
    assertThat(candidate.received())
        .hasSize(3)
        .allSatisfy(
            received ->
                assertThat(received.headers().names())
                    .doesNotContain("authorization", "x-api-key", "api-key", "x-serin-tenant"));
  }

  @Test
  void shouldTellTheTenantOfWhatIsCaptured() {
    adopt(Commands.withShadow(command(0), 10_000));

    post(CHAT, body(false), "authorization", "Bearer " + KEY, "x-serin-tenant", "blue");

    assertThat(evidence.payloads(1).getFirst().getTenant()).isEqualTo("acme");
  }

  @Test
  void shouldTakeFeedbackFromWhoHasTheAnswersIdAlone() {
    split(10_000);
    String id = header(post(CHAT, body(false), "authorization", "Bearer " + KEY), "x-request-id");

    HttpResponse<String> response =
        post("/v1/feedback", "{\"request_id\":\"" + id + "\",\"kind\":\"thumb\",\"value\":1}");

    assertThat(response.statusCode()).isEqualTo(202);
  }

  @Test
  void shouldKnowAResponseForTheTenantAloneWhoseKeyMadeIt() {
    split(10_000);
    candidate.does(
        Upstream.json(
            200,
            "{\"id\":\"resp_up\",\"object\":\"response\",\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"hi\"}]}]}"));
    String ask = "{\"model\":\"assistant\",\"user\":\"ann\",\"input\":\"hi\"%s}";
    String id =
        json(post("/v1/responses", ask.formatted(""), "authorization", "Bearer " + KEY))
            .path("id")
            .asText();
    String next = ask.formatted(",\"previous_response_id\":\"" + id + "\"");
    String cancel = "/v1/responses/" + id + "/cancel";

    for (HttpResponse<String> others :
        List.of(
            post("/v1/responses", next, "authorization", "Bearer " + OTHER_KEY),
            post(cancel, "{}", "authorization", "Bearer " + OTHER_KEY),
            post(cancel.replace(id, "resp_up"), "{}", "authorization", "Bearer " + OTHER_KEY),
            post(
                "/v1/responses",
                next.replace(id, "resp_up"),
                "authorization",
                "Bearer " + OTHER_KEY))) {
      assertThat(others.statusCode()).isEqualTo(404);
      assertThat(json(others).at("/error/code").asText()).isEqualTo("response_not_found");
    }
    assertThat(candidate.received()).hasSize(1);
    assertThat(control.received()).isEmpty();
    assertThat(post("/v1/responses", next, "x-api-key", KEY).statusCode()).isEqualTo(200);
    assertThat(post(cancel, "{}", "authorization", "Bearer " + KEY).statusCode()).isEqualTo(200);
  }

  @Test
  void shouldNotLetOneKeyDecideByInventedUsersAndTheirThumbs() {
    split(10_000);

    for (int i = 0; i < 50; i++) {
      HttpResponse<String> answer =
          post(CHAT, body(false).replace("ann", "invented-" + i), "authorization", "Bearer " + KEY);
      post(
          "/v1/feedback",
          "{\"request_id\":\""
              + header(answer, "x-request-id")
              + "\",\"kind\":\"thumb\",\"value\":-1}",
          "authorization",
          "Bearer " + KEY);
    }
    post(CHAT, body(false), "authorization", "Bearer " + OTHER_KEY);

    List<RequestEvent> events = evidence.events(51);
    assertThat(events)
        .filteredOn(event -> event.getExcluded() == Excluded.MANY_UNITS)
        .hasSizeBetween(15, 20);
    assertThat(events.getLast().getExcluded()).as("of another key").isNull();
    assertThat(evidence.feedback(50))
        .filteredOn(event -> event.getExcluded() == null)
        .as("thumbs that count")
        .hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void shouldOpenTheAdminPortByTokens() {
    split(10_000);
    String metrics = "/metrics";
    String force = "/admin/force-control/assistant";

    assertThat(admin("GET", "/health/ready", null)).isEqualTo(200);
    assertThat(admin("GET", metrics, null)).isEqualTo(401);
    assertThat(admin("GET", metrics, "wrong-0123456789")).isEqualTo(401);
    assertThat(admin("GET", metrics, VIEWER)).isEqualTo(200);
    assertThat(admin("POST", force, null)).isEqualTo(401);
    assertThat(admin("POST", force, VIEWER)).isEqualTo(403);
    assertThat(served()).isEqualTo("from candidate");
    assertThat(admin("POST", force, OPERATOR)).isEqualTo(200);
    assertThat(served()).isEqualTo("from control");
  }

  private String served() {
    return textOf(post(CHAT, body(false), "authorization", "Bearer " + KEY));
  }

  private int admin(String method, String path, @Nullable String token) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(router.adminUrl() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    return send((token == null ? request : request.header("authorization", "Bearer " + token))
            .build())
        .statusCode();
  }
}
