package io.serin.router.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.serin.router.trip.TripPolicy;
import io.serin.schemas.Command;
import io.serin.schemas.Excluded;
import io.serin.schemas.MovedConversations;
import io.serin.schemas.RequestEvent;
import io.serin.schemas.Why;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversations with models that think go on, whatever becomes of the rollout. */
class ConversationsTest extends RouterTestBase {

  private ThinkingModel old;
  private ThinkingModel young;

  @Override
  TripPolicy policy() {
    return TripPolicy.DEFAULT;
  }

  @BeforeEach
  void modelsThink() {
    old = new ThinkingModel("old", () -> control.received());
    young = new ThinkingModel("young", () -> candidate.received());
    control.does(old);
    candidate.does(young);
  }

  /** A client that sends back what it got, as agents do. */
  private final class Talk {
    private final String path;
    private final String user;
    private final ObjectNode body = JSON.createObjectNode();
    private final ArrayNode said;
    private final List<String> headers = new ArrayList<>();

    Talk(String path, String user) {
      this.path = path;
      this.user = user;
      body.put("model", "assistant").put("max_tokens", 100);
      said = body.putArray(path.endsWith("responses") ? "input" : "messages");
    }

    Talk named(String conversation) {
      headers.addAll(List.of("x-conversation-id", conversation));
      return this;
    }

    /** Says something, keeps the answer, and gives the name of the model that gave it. */
    String say(String text) {
      said.addObject().put("role", "user").put("content", text);
      headers.addAll(List.of("x-user-id", user));
      HttpResponse<String> answer = post(path, body.toString(), headers.toArray(String[]::new));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      JsonNode got = json(answer);
      if (path.endsWith("messages")) {
        said.addObject().put("role", "assistant").set("content", got.path("content"));
        return got.path("content").findValuesAsText("text").getLast();
      }
      if (path.endsWith("responses")) {
        got.path("output").forEach(said::add);
        return got.path("output").findValuesAsText("text").getLast();
      }
      said.add(got.at("/choices/0/message"));
      return got.at("/choices/0/message/content").asText();
    }

    /** Takes over what another model said, without a mark. */
    Talk after(String question, @Nullable String signature) {
      said.addObject().put("role", "user").put("content", question);
      ArrayNode content = said.addObject().put("role", "assistant").putArray("content");
      if (signature != null) {
        content
            .addObject()
            .put("type", "thinking")
            .put("thinking", "hm")
            .put("signature", signature);
      }
      content.addObject().put("type", "text").put("text", "answer to " + question);
      return this;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/messages", "/v1/responses", "/v1/chat/completions"})
  void shouldKeepThoughtsAtTheModelThatMadeThemOverARampAndTakeThemOutAfterARollback(String path) {
    split(0);
    Talk before = new Talk(path, "ann");
    assertThat(before.say("one")).isEqualTo("old");

    split(10_000);
    Talk since = new Talk(path, "bob");
    assertThat(before.say("two")).isEqualTo("old");
    assertThat(since.say("one, too")).isEqualTo("young");
    assertThat(since.say("two, too")).isEqualTo("young");

    split(0);
    assertThat(before.say("three")).isEqualTo("old");
    assertThat(since.say("three, too")).isEqualTo("old");
    assertThat(since.say("four, too")).isEqualTo("old");

    assertThat(old.refused()).isEmpty();
    assertThat(young.refused()).isEmpty();
    List<RequestEvent> events = evidence.events(7);
    assertThat(events)
        .extracting(RequestEvent::getWhy)
        .containsExactly(
            Why.ASSIGNED,
            Why.PINNED,
            Why.ASSIGNED,
            Why.ASSIGNED,
            Why.ASSIGNED,
            Why.PINNED,
            Why.PINNED);
    assertThat(events.get(4).getExcluded())
        .as("it was at another assignment in between")
        .isEqualTo(Excluded.CONVERSATION);
    assertThat(events.get(3).getExcluded()).isNull();
  }

  @Test
  void shouldMarkThoughtsInAStreamAndGiveTheModelWhatItMade() {
    split(10_000);
    String stream =
        post(
                "/v1/messages",
                "{\"model\":\"assistant\",\"stream\":true,\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
                "x-user-id",
                "ann")
            .body();
    String signature =
        stream
            .lines()
            .filter(line -> line.contains("signature_delta"))
            .map(line -> json(line.substring(6)).at("/delta/signature").asText())
            .findFirst()
            .orElseThrow();

    assertThat(signature).matches("young-thought-1\\.srn[A-Za-z0-9_-]{20}");
    assertThat(stream).contains("\"thinking\":\"\",\"signature\":\"\"");
    assertThat(new Talk("/v1/messages", "ann").after("hi", signature).say("go on"))
        .isEqualTo("young");
    assertThat(candidate.received().getLast().body()).contains("\"young-thought-1\"");
  }

  @Test
  void shouldLetTwentyOpenConversationsOfARolledBackCandidateGoOn() {
    split(10_000);
    List<Talk> open = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Talk talk = new Talk("/v1/messages", "user-" + i);
      assertThat(talk.say("question " + i)).isEqualTo("young");
      open.add(talk);
    }

    split(0);
    for (Talk talk : open) {
      assertThat(talk.say("and then?")).isEqualTo("old");
      assertThat(talk.say("and after that?")).isEqualTo("old");
    }

    assertThat(old.refused()).isEmpty();
    assertThat(tables.conversations().moves())
        .containsExactly(new MovedConversations("assistant", "run-1", "candidate", 20, 20, 0));
  }

  @Test
  void shouldNotTripAHealthyCandidateWhenSixtyConversationsAreOpenAsARunBegins() {
    split(10_000);
    for (int i = 0; i < 60; i++) {
      assertThat(
              new Talk("/v1/messages", "user-" + i)
                  .after("question " + i, "old-thought-7")
                  .say("more"))
          .as("nobody marked it: it is control's")
          .isEqualTo("old");
    }
    assertThat(new Talk("/v1/messages", "new").say("hi")).isEqualTo("young");

    assertThat(young.refused()).isEmpty();
    assertThat(old.refused()).isEmpty();
    assertThat(tables.trips()).isEmpty();
    assertThat(evidence.events(61).subList(0, 60))
        .allSatisfy(event -> assertThat(event.getWhy()).isEqualTo(Why.PINNED));
  }

  @Test
  void shouldCountAFailureOnWhatAnotherModelSaidAgainstNobody() {
    split(10_000);
    candidate.does(Upstream.json(500, "{\"error\":{\"message\":\"tool call id too long\"}}"));

    for (int i = 0; i < 60; i++) {
      assertThat(new Talk("/v1/messages", "user-" + i).after("question " + i, null).say("more"))
          .isEqualTo("old");
    }
    assertThat(tables.trips()).as("none of these conversations began here").isEmpty();

    for (int i = 0; i < 12; i++) {
      new Talk("/v1/messages", "newcomer-" + i).say("hi " + i);
    }
    assertThat(tables.trips()).as("these did").containsExactly("assistant/candidate");
  }

  @Test
  void shouldTakeAGreetingAndExamplesForATemplateAndNotForEarlierAnswers() {
    split(10_000);
    for (int i = 0; i < 3; i++) {
      ObjectNode body = JSON.createObjectNode().put("model", "assistant");
      ArrayNode messages = body.putArray("messages");
      messages.addObject().put("role", "system").put("content", "now is " + i);
      messages.addObject().put("role", "assistant").put("content", "Hello! How can I help?");
      messages.addObject().put("role", "user").put("content", "question " + i);
      post(CHAT, body.toString(), "x-user-id", "user-" + i);
    }

    assertThat(evidence.events(3))
        .extracting(RequestEvent::getPriorAnswers)
        .containsExactly(1, 0, 0);
  }

  @Test
  void shouldAskControlWhereTheModelThatMadeTheThoughtsFails() {
    split(10_000);
    Talk talk = new Talk("/v1/messages", "ann");
    talk.say("hi");
    split(5_000);
    candidate.does(Upstream.json(503, "{\"error\":{\"message\":\"busy\"}}"));

    assertThat(talk.say("more")).isEqualTo("old");

    assertThat(old.refused()).isEmpty();
  }

  @Test
  void shouldForgetWhoMadeThoughtsOfAnotherTenantOrModel() {
    split(10_000);
    String foreign = ids.marks().make("\nother-model@" + candidate.url(), 7);

    assertThat(new Talk("/v1/messages", "ann").after("hi", "young-thought-1" + foreign).say("more"))
        .isEqualTo("old");

    assertThat(control.received().getLast().body()).doesNotContain("thinking");
  }

  @Test
  void shouldTakeThoughtsOfTheSameModelInAnotherRun() {
    split(10_000);
    Talk talk = new Talk("/v1/messages", "ann");
    talk.say("hi");
    Command next = command(10_000);
    next.setRun("run-2");
    next.setSalt("salt-2");
    adopt(next);

    assertThat(talk.say("more")).isEqualTo("young");

    assertThat(young.refused()).isEmpty();
    assertThat(evidence.events(2).getLast().getExcluded())
        .as("another run began it")
        .isEqualTo(Excluded.CONVERSATION);
  }

  @Test
  void shouldPinConversationsWithoutStateWhereTheFileSaysSo() {
    control.does(Upstream.text("old"));
    candidate.does(Upstream.text("young"));
    Command command = command(0);
    command.setPinConversations(true);
    adopt(command);
    Talk unnamed = new Talk(CHAT, "ann");
    Talk named = new Talk(CHAT, "bob").named("c-1");
    unnamed.say("hi");
    named.say("hello");

    Command ramped = command(10_000);
    ramped.setPinConversations(true);
    adopt(ramped);
    Talk begun = new Talk(CHAT, "ann");

    assertThat(unnamed.say("more")).isEqualTo("old");
    named.said.remove(0);
    named.said.remove(0);
    named.said.insertObject(0).put("role", "assistant").put("content", "so far: hello");
    assertThat(named.say("a shortened history is still this conversation")).isEqualTo("old");
    assertThat(begun.say("another beginning")).isEqualTo("young");
    assertThat(begun.say("more")).isEqualTo("young");
    split(0);
    assertThat(begun.say("the candidate is gone")).isEqualTo("old");
    assertThat(evidence.events(7))
        .extracting(RequestEvent::getWhy)
        .startsWith(Why.ASSIGNED, Why.ASSIGNED, Why.PINNED, Why.PINNED, Why.ASSIGNED);
  }

  @Test
  void shouldMoveConversationsWithTheirUnitsWhereNothingPinsThem() {
    control.does(Upstream.text("old"));
    candidate.does(Upstream.text("young"));
    split(0);
    Talk talk = new Talk(CHAT, "ann");
    talk.say("hi");
    split(10_000);

    assertThat(talk.say("more")).isEqualTo("young");

    assertThat(evidence.events(2).getLast().getExcluded()).isEqualTo(Excluded.CONVERSATION);
  }
}
