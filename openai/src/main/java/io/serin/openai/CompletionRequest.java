package io.serin.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's request, read from the bytes of its body in one pass that builds no tree: where each
 * field lies is kept, and what is asked for later is read there. Rewriting changes bytes only where
 * it must. The body must not change while this is used; else immutable, for all threads.
 */
public final class CompletionRequest {

  /** How much of a prompt without messages counts as its beginning. */
  private static final int PREFIX_BYTES = 1024;

  private final Endpoint endpoint;
  private final JsonObject body;
  private final String model;
  private final boolean stream;
  private final boolean includeUsage;
  private @Nullable Opening opening;

  private CompletionRequest(
      Endpoint endpoint, JsonObject body, String model, boolean stream, boolean includeUsage) {
    this.endpoint = endpoint;
    this.body = body;
    this.model = model;
    this.stream = stream;
    this.includeUsage = includeUsage;
  }

  /**
   * Reads a body, which is kept and not copied.
   *
   * @throws OpenAiException with status 400 where it is no JSON object in UTF-8, or "model",
   *     "stream" or "stream_options" is not what it must be
   */
  public static CompletionRequest read(Endpoint endpoint, byte[] body) {
    try {
      JsonObject object = JsonObject.read(body, 0, body.length);
      String model = model(object);
      boolean stream = flag(object, "stream", "stream");
      JsonObject.Member options = object.member("stream_options");
      boolean includeUsage = false;
      if (options != null && options.kind() != JsonToken.VALUE_NULL) {
        if (options.kind() != JsonToken.START_OBJECT) {
          throw invalid("'stream_options' must be an object.", "stream_options");
        }
        JsonObject inner = JsonObject.read(body, options.valueStart(), options.valueEnd());
        includeUsage = flag(inner, "include_usage", "stream_options.include_usage");
      }
      return new CompletionRequest(endpoint, object, model, stream, includeUsage);
    } catch (JsonProcessingException e) {
      throw new OpenAiException(
          OpenAiError.invalidRequest(
              "The request body is not valid JSON: " + reason(e), null, "invalid_json"));
    } catch (IOException e) {
      throw new OpenAiException(
          OpenAiError.invalidRequest(
              "The request body is not valid JSON: it must be encoded in UTF-8.",
              null,
              "invalid_json"));
    }
  }

  public Endpoint endpoint() {
    return endpoint;
  }

  /** The field "model": never empty. */
  public String model() {
    return model;
  }

  /** True where the client asks for a stream. */
  public boolean stream() {
    return stream;
  }

  /** True where the client itself asks for the usage chunk of a stream. */
  public boolean includeUsage() {
    return includeUsage;
  }

  /** The field "user"; null where absent. */
  public @Nullable String user() {
    return field("user");
  }

  /** The field "safety_identifier"; null where absent. */
  public @Nullable String safetyIdentifier() {
    return field("safety_identifier");
  }

  /** An entry of "metadata"; null where absent. */
  public @Nullable String metadata(String name) {
    return field(List.of("metadata", name));
  }

  /** The body as read. */
  public byte[] body() {
    return body.bytes();
  }

  /**
   * The text, number or boolean that a path such as {@code metadata.user_id} or {@code
   * messages.0.role} leads to; null where it leads to nothing, to null, to an empty or blank text,
   * or to an object or array. A dot inside a name is written {@code \.}; a number in an array is
   * its index from 0.
   */
  public @Nullable String field(String path) {
    return field(JsonPath.split(path));
  }

  /** As {@link #field(String)}, with the path split before: what a hot path does. */
  public @Nullable String field(List<String> path) {
    JsonObject.Member member = body.member(path.getFirst());
    if (member == null) {
      return null;
    }
    try (JsonParser json = parser(member)) {
      json.nextToken();
      String found = JsonPath.find(json, path, 1);
      return found == null || found.isBlank() ? null : found;
    } catch (IOException e) {
      throw new UncheckedIOException("what was read once is read again", e);
    }
  }

  /**
   * The text that the model is given: the contents of all messages, or the prompts, each on a line
   * of its own; parts that are no text are left out. Empty where there is none.
   */
  public String promptText() {
    return String.join("\n", texts(false));
  }

  /**
   * The text of the last message of the role "user", or the last prompt; empty where there is none.
   */
  public String lastUserText() {
    List<String> texts = texts(true);
    return texts.isEmpty() ? "" : texts.getLast();
  }

  /** How many earlier answers the request carries; −1 where it cannot be told. */
  public int priorAnswers() {
    return opening().answers();
  }

  /** How the conversation opens that the request is a turn of. */
  public Opening opening() {
    Opening known = opening;
    if (known == null) {
      known = readOpening();
      opening = known;
    }
    return known;
  }

  private Opening readOpening() {
    String field =
        switch (endpoint) {
          case CHAT_COMPLETIONS, MESSAGES -> "messages";
          case RESPONSES -> "input";
          case COMPLETIONS, EMBEDDINGS -> "";
        };
    JsonObject.Member member = body.member(field);
    if (member == null || isContinued()) {
      return Opening.UNKNOWN;
    }
    boolean text = endpoint == Endpoint.RESPONSES && member.kind() == JsonToken.VALUE_STRING;
    if (member.kind() != JsonToken.START_ARRAY && !text) {
      return Opening.UNKNOWN;
    }
    try (JsonParser json = parser(member)) {
      json.nextToken();
      return PromptTexts.opening(json);
    } catch (IOException e) {
      throw new UncheckedIOException("what was read once is read again", e);
    }
  }

  /** Whether a server stores what came before. */
  private boolean isContinued() {
    return endpoint == Endpoint.RESPONSES
        && (isGiven("previous_response_id") || isGiven("conversation"));
  }

  private boolean isGiven(String field) {
    JsonObject.Member member = body.member(field);
    return member != null && member.kind() != JsonToken.VALUE_NULL;
  }

  /**
   * A number that requests share whose prompts begin alike, so that they find each other's prompt
   * cache on one server: by the client's own "prompt_cache_key" where it sent one, else by
   * everything up to the end of the first message of a user, which all turns of a conversation
   * share, else by the first 1,024 bytes of the prompt. 0 where there is no prompt.
   */
  public long affinity() {
    try {
      String key = body.text("prompt_cache_key");
      if (key != null && !key.isEmpty()) {
        return hash(key.getBytes(StandardCharsets.UTF_8), 0, Integer.MAX_VALUE);
      }
      long hash = 0;
      for (String field : promptFields()) {
        JsonObject.Member member = body.member(field);
        if (member != null) {
          hash = hash * 31 + hash(body.bytes(), member.valueStart(), prefixEnd(member));
        }
      }
      return hash;
    } catch (IOException e) {
      throw new UncheckedIOException("what was read once is read again", e);
    }
  }

  private int prefixEnd(JsonObject.Member member) throws IOException {
    int bound = Math.min(member.valueEnd(), member.valueStart() + PREFIX_BYTES);
    if (member.kind() != JsonToken.START_ARRAY) {
      return bound;
    }
    try (JsonParser json = parser(member)) {
      json.nextToken();
      int end = PromptTexts.endOfFirstUserMessage(json);
      return end < 0 ? bound : member.valueStart() + end;
    }
  }

  /** FNV-1a, with its bits mixed at the end. */
  private static long hash(byte[] bytes, int from, int to) {
    long hash = 0xcbf29ce484222325L;
    for (int i = from; i < Math.min(to, bytes.length); i++) {
      hash = (hash ^ bytes[i]) * 0x100000001b3L;
    }
    hash ^= hash >>> 32;
    return hash * 0x9E3779B97F4A7C15L;
  }

  private String[] promptFields() {
    return switch (endpoint) {
      case CHAT_COMPLETIONS -> new String[] {"messages"};
      case MESSAGES -> new String[] {"system", "messages"};
      case COMPLETIONS -> new String[] {"prompt"};
      case EMBEDDINGS -> new String[] {"input"};
      case RESPONSES -> new String[] {"instructions", "input"};
    };
  }

  /**
   * The body for a variant: model replaced, extra fields merged in, the usage chunk of a stream
   * asked for. The client's own array where nothing changes.
   *
   * @param model null leaves the client's
   * @param extra what the variant adds; it may also replace the model
   * @param wantUsage true asks a stream for its usage chunk, where the endpoint has one; {@link
   *     UsageChunkFilter} then keeps it from a client who did not ask
   */
  public byte[] forVariant(@Nullable String model, BodyPatch extra, boolean wantUsage) {
    BodyPatch patch =
        model == null || model.equals(this.model) ? BodyPatch.NONE : BodyPatch.model(model);
    patch = patch.then(extra);
    if (wantUsage && stream && !includeUsage && endpoint.hasStreamOptions()) {
      patch = patch.then(BodyPatch.INCLUDE_USAGE);
    }
    return patch.isEmpty() ? body.bytes() : patch.apply(body);
  }

  /** The body with any other change; the client's own array where nothing changes. */
  public byte[] rewrite(BodyPatch patch) {
    return patch.isEmpty() ? body.bytes() : patch.apply(body);
  }

  /** Sizes only: a prompt never reaches a log. */
  @Override
  public String toString() {
    return "CompletionRequest[endpoint=%s, model=%s, stream=%s, body=%d bytes]"
        .formatted(endpoint.id(), model, stream, body.bytes().length);
  }

  private static String model(JsonObject object) throws IOException {
    JsonObject.Member member = object.member("model");
    if (member == null || member.kind() == JsonToken.VALUE_NULL) {
      throw invalid("You must provide a model parameter.", "model");
    }
    if (member.kind() != JsonToken.VALUE_STRING) {
      throw invalid("'model' must be a string.", "model");
    }
    String model = object.text(member);
    if (model.isBlank()) {
      throw invalid("You must provide a model parameter.", "model");
    }
    return model;
  }

  private static boolean flag(JsonObject object, String name, String param) {
    JsonObject.Member member = object.member(name);
    if (member == null) {
      return false;
    }
    return switch (member.kind()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE, VALUE_NULL -> false;
      default -> throw invalid("'" + param + "' must be true or false.", param);
    };
  }

  private List<String> texts(boolean userOnly) {
    List<String> texts = new ArrayList<>();
    String[] fields = promptFields();
    try {
      for (int i = userOnly ? fields.length - 1 : 0; i < fields.length; i++) {
        JsonObject.Member member = body.member(fields[i]);
        if (member != null) {
          try (JsonParser json = parser(member)) {
            json.nextToken();
            PromptTexts.collect(json, userOnly, texts);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("what was read once is read again", e);
    }
    return texts;
  }

  private JsonParser parser(JsonObject.Member member) throws IOException {
    return parser(body.bytes(), member);
  }

  private static JsonParser parser(byte[] bytes, JsonObject.Member member) throws IOException {
    return Json.parser(bytes, member.valueStart(), member.valueEnd() - member.valueStart());
  }

  private static OpenAiException invalid(String message, String param) {
    return new OpenAiException(OpenAiError.invalidRequest(message, param, null));
  }

  /** For the client alone: it may quote a word of the body. */
  private static String reason(JsonProcessingException e) {
    String text = e.getOriginalMessage();
    return e.getLocation() == null
        ? text + "."
        : "%s, at line %d, column %d."
            .formatted(text, e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }
}
