package io.serin.openai;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;

class CompletionRequestTest {

  private static final String CHAT =
      """
      {"model": "assistant", "messages": [
         {"role":"system","content":"Be brief."},
         {"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:x"}}]},
         {"role":"assistant","content":null,"tool_calls":[]},
         {"role":"user","content":"And now?"}],
       "stream":true, "user":"ann", "safety_identifier":"s-1",
       "metadata":{"user_id":"u-7","tenant.name":"acme","n":12}, "temperature":0.30, "custom":{"ö":[1,2,{"x":null}]}}\
      """;

  @Test
  void shouldReadWhatTheRouterAsksFor() {
    CompletionRequest request = chat(CHAT);

    assertThat(request.model()).isEqualTo("assistant");
    assertThat(request.stream()).isTrue();
    assertThat(request.includeUsage()).isFalse();
    assertThat(request.user()).isEqualTo("ann");
    assertThat(request.safetyIdentifier()).isEqualTo("s-1");
    assertThat(request.metadata("user_id")).isEqualTo("u-7");
    assertThat(request.metadata("tenant.name")).isEqualTo("acme");
  }

  @Test
  void shouldFollowPathsIntoTheBody() {
    CompletionRequest request = chat(CHAT);

    assertThat(request.field("metadata.user_id")).isEqualTo("u-7");
    assertThat(request.field("metadata.tenant\\.name")).isEqualTo("acme");
    assertThat(request.field("metadata.n")).isEqualTo("12");
    assertThat(request.field("messages.0.role")).isEqualTo("system");
    assertThat(request.field("stream")).isEqualTo("true");
    assertThat(request.field("metadata")).isNull();
    assertThat(request.field("metadata.absent")).isNull();
    assertThat(request.field("user.name")).isNull();
    assertThat(request.field("messages.9.role")).isNull();
    assertThat(request.field("custom.ö.2.x")).isNull();
  }

  @Test
  void shouldFindNoUnitInABlankField() {
    assertThat(chat("{\"model\":\"m\",\"user\":\"\"}").user()).isNull();
    assertThat(chat("{\"model\":\"m\",\"user\":\"  \"}").user()).isNull();
    assertThat(chat("{\"model\":\"m\",\"user\":null}").user()).isNull();
  }

  @Test
  void shouldLetTheLastOfTwoEqualNamesCountAsServersDo() {
    CompletionRequest request =
        chat("{\"model\":\"a\",\"user\":\"x\",\"model\":\"b\",\"user\":\"y\"}");

    assertThat(request.model()).isEqualTo("b");
    assertThat(request.user()).isEqualTo("y");
    assertThat(forVariant(request, "c"))
        .isEqualTo("{\"model\":\"c\",\"user\":\"x\",\"model\":\"c\",\"user\":\"y\"}");
  }

  @Test
  void shouldRejectAPathWithAnEmptyStep() {
    assertThatThrownBy(() -> JsonPath.split("metadata..x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("path is 'metadata..x', must not have an empty step");
  }

  @Test
  void shouldGatherThePromptForShadowing() {
    CompletionRequest request = chat(CHAT);

    assertThat(request.promptText()).isEqualTo("Be brief.\nLook:\nAnd now?");
    assertThat(request.lastUserText()).isEqualTo("And now?");
    assertThat(chat("{\"model\":\"m\"}").lastUserText()).isEmpty();
  }

  @Test
  void shouldGatherThePromptOfEveryEndpoint() {
    assertThat(read(Endpoint.COMPLETIONS, "{\"model\":\"m\",\"prompt\":\"Once\"}").promptText())
        .isEqualTo("Once");
    assertThat(
            read(Endpoint.COMPLETIONS, "{\"model\":\"m\",\"prompt\":[\"a\",\"b\"]}").lastUserText())
        .isEqualTo("b");
    assertThat(read(Endpoint.COMPLETIONS, "{\"model\":\"m\",\"prompt\":[[1,2],[3]]}").promptText())
        .isEmpty();
    assertThat(read(Endpoint.EMBEDDINGS, "{\"model\":\"m\",\"input\":\"e\"}").promptText())
        .isEqualTo("e");
    assertThat(
            read(Endpoint.RESPONSES, "{\"model\":\"m\",\"instructions\":\"i\",\"input\":\"q\"}")
                .promptText())
        .isEqualTo("i\nq");
    assertThat(
            read(
                    Endpoint.MESSAGES,
                    "{\"model\":\"m\",\"system\":[{\"type\":\"text\",\"text\":\"s\"}],"
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}")
                .promptText())
        .isEqualTo("s\nq");
  }

  @Test
  void shouldChangeNothingButTheModel() {
    assertThat(forVariant(chat(CHAT), "gpt-4o-mini"))
        .isEqualTo(CHAT.replace("\"assistant\", \"mess", "\"gpt-4o-mini\", \"mess"));
  }

  @Test
  void shouldHandBackTheClientsOwnBytesWhereNothingChanges() {
    byte[] body = CHAT.getBytes(UTF_8);
    CompletionRequest request = CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, body);

    assertThat(request.forVariant(null, BodyPatch.NONE, false)).isSameAs(body);
    assertThat(request.forVariant("assistant", BodyPatch.NONE, false)).isSameAs(body);
  }

  @Test
  void shouldAskAStreamForItsUsage() {
    assertThat(usage("{\"model\":\"m\",\"stream\":true}"))
        .isEqualTo("{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
    assertThat(usage("{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"x\":1}}"))
        .isEqualTo(
            "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"x\":1,\"include_usage\":true}}");
    assertThat(
            usage("{\"model\":\"m\",\"stream_options\":{\"include_usage\":false},\"stream\":true}"))
        .isEqualTo("{\"model\":\"m\",\"stream_options\":{\"include_usage\":true},\"stream\":true}");
    assertThat(usage("{\"model\":\"m\",\"stream_options\":null,\"stream\":true}"))
        .isEqualTo("{\"model\":\"m\",\"stream_options\":{\"include_usage\":true},\"stream\":true}");
  }

  @Test
  void shouldNotAskForUsageWhereItIsThereOrRefused() {
    String asked = "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}";
    assertThat(usage(asked)).isEqualTo(asked);
    assertThat(usage("{\"model\":\"m\"}")).isEqualTo("{\"model\":\"m\"}");
    byte[] body = "{\"model\":\"m\",\"stream\":true}".getBytes(UTF_8);
    assertThat(
            CompletionRequest.read(Endpoint.RESPONSES, body).forVariant(null, BodyPatch.NONE, true))
        .isSameAs(body);
  }

  @Test
  void shouldMergeTheExtraFieldsOfAVariant() {
    BodyPatch extra =
        BodyPatch.parse(
            "{\"temperature\":0,\"seed\":1,\"user\":null,\"metadata\":{\"v\":\"c\",\"n\":null}}");

    String body = new String(chat(CHAT).forVariant("m2", extra, false), UTF_8);

    assertThat(body)
        .contains("\"model\": \"m2\"")
        .contains("\"metadata\":{\"user_id\":\"u-7\",\"tenant.name\":\"acme\",\"v\":\"c\"}")
        .contains("\"temperature\":0,")
        .endsWith("\"custom\":{\"ö\":[1,2,{\"x\":null}]},\"seed\":1}")
        .doesNotContain("\"user\":");
  }

  @Test
  void shouldTellTheClientWhatIsWrongInOpenAisShape() {
    OpenAiError error = error("{\"model\":\"m\",");

    assertThat(error.status()).isEqualTo(400);
    assertThat(error.type()).isEqualTo("invalid_request_error");
    assertThat(error.code()).isEqualTo("invalid_json");
    assertThat(error.message())
        .startsWith("The request body is not valid JSON: ")
        .contains("line 1");
  }

  @Test
  void shouldNameTheFieldThatIsWrong() {
    assertThat(error("{}").param()).isEqualTo("model");
    assertThat(error("{\"model\":null}").message())
        .isEqualTo("You must provide a model parameter.");
    assertThat(error("{\"model\":7}").message()).isEqualTo("'model' must be a string.");
    assertThat(error("{\"model\":\" \"}").param()).isEqualTo("model");
    assertThat(error("{\"model\":\"m\",\"stream\":\"yes\"}").message())
        .isEqualTo("'stream' must be true or false.");
    assertThat(error("{\"model\":\"m\",\"stream_options\":[]}").param())
        .isEqualTo("stream_options");
    assertThat(error("{\"model\":\"m\",\"stream_options\":{\"include_usage\":1}}").param())
        .isEqualTo("stream_options.include_usage");
  }

  @Test
  void shouldRejectWhatIsNoJsonObject() {
    for (String body :
        new String[] {
          "", " ", "[]", "\"x\"", "7", "{\"model\":\"m\"} x", "{\"model\":\"m\"}{}", "{'a':1}"
        }) {
      assertThat(error(body).code()).as(body).isEqualTo("invalid_json");
    }
    assertThat(error("{\"a\":".repeat(600) + "1" + "}".repeat(600)).code())
        .isEqualTo("invalid_json");
  }

  @Test
  void shouldRejectAnotherEncodingThanUtf8() {
    byte[] body = "{\"model\":\"m\"}".getBytes(UTF_16);
    OpenAiException thrown =
        catchThrowableOfType(
            OpenAiException.class, () -> CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, body));

    assertThat(thrown.error().message()).contains("UTF-8");
  }

  @Test
  void shouldReadPastAByteOrderMark() {
    CompletionRequest request = chat("\uFEFF{\"model\":\"m\"}");

    assertThat(forVariant(request, "n")).isEqualTo("\uFEFF{\"model\":\"n\"}");
  }

  @Test
  void shouldKeepThePromptOutOfItsDescription() {
    assertThat(chat(CHAT).toString()).contains("assistant").doesNotContain("brief");
  }

  private static CompletionRequest chat(String body) {
    return read(Endpoint.CHAT_COMPLETIONS, body);
  }

  private static CompletionRequest read(Endpoint endpoint, String body) {
    return CompletionRequest.read(endpoint, body.getBytes(UTF_8));
  }

  private static String forVariant(CompletionRequest request, String model) {
    return new String(request.forVariant(model, BodyPatch.NONE, false), UTF_8);
  }

  private static String usage(String body) {
    return new String(chat(body).forVariant(null, BodyPatch.NONE, true), UTF_8);
  }

  private static OpenAiError error(String body) {
    return catchThrowableOfType(OpenAiException.class, () -> chat(body)).error();
  }

  @Test
  void shouldGiveTheTurnsOfAConversationOneAffinityAndOthersAnother() {
    String first =
        "{\"role\":\"system\",\"content\":\"be kind\"},{\"role\":\"user\",\"content\":\"egg?\"}";
    long begun = conversation(first).affinity();

    assertThat(
            conversation(
                    first
                        + ",{\"role\":\"assistant\",\"content\":\"boil\"},{\"role\":\"user\",\"content\":\"and?\"}")
                .affinity())
        .isEqualTo(begun);
    assertThat(conversation(first.replace("egg", "ham")).affinity()).isNotEqualTo(begun);
    assertThat(conversation("").affinity()).isNotEqualTo(begun);
  }

  @Test
  void shouldTakeTheClientsCacheKeyForItsAffinity() {
    String keyed = "{\"model\":\"m\",\"prompt_cache_key\":\"k\",\"messages\":[]}";
    String other =
        "{\"model\":\"m\",\"prompt_cache_key\":\"k\",\"messages\":[{\"role\":\"user\"}]}";

    assertThat(CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, keyed.getBytes(UTF_8)).affinity())
        .isEqualTo(
            CompletionRequest.read(Endpoint.CHAT_COMPLETIONS, other.getBytes(UTF_8)).affinity());
  }

  @Test
  void shouldGivePromptsThatBeginAlikeOneAffinity() {
    String same = "x".repeat(2000);

    assertThat(completion(same + "a").affinity()).isEqualTo(completion(same + "b").affinity());
    assertThat(completion("a" + same).affinity()).isNotEqualTo(completion("b" + same).affinity());
  }

  private static CompletionRequest conversation(String messages) {
    return CompletionRequest.read(
        Endpoint.CHAT_COMPLETIONS,
        ("{\"model\":\"m\",\"messages\":[" + messages + "]}").getBytes(UTF_8));
  }

  private static CompletionRequest completion(String prompt) {
    return CompletionRequest.read(
        Endpoint.COMPLETIONS, ("{\"model\":\"m\",\"prompt\":\"" + prompt + "\"}").getBytes(UTF_8));
  }
}
