package io.serin.cli.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.serin.comparison.answer.AnswerOutcome;
import io.serin.comparison.answer.Answered;
import io.serin.comparison.answer.Question;
import io.serin.comparison.answer.ToolCall;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON lines of recorded answers, gzipped or not: one object a line with {@code prompt} (or
 * {@code instruction}) and {@code output} (or {@code completion}), and what else is known of the
 * answer. docs/compare.md lists the fields. Empty lines are passed over.
 */
public final class RecordedFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Fields that label a question with a segment. */
  private static final List<String> LABELS = List.of("tenant", "endpoint", "dataset", "type");

  private RecordedFile() {}

  /**
   * All lines of a file.
   *
   * @throws IllegalArgumentException where a line is not what it should be: names file, line, field
   *     and rule
   * @throws IOException where the file cannot be read
   */
  public static List<RecordedLine> read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      BufferedInputStream raw = new BufferedInputStream(in);
      raw.mark(2);
      boolean gzipped = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      return read(file.toString(), gzipped ? new GZIPInputStream(raw) : raw);
    }
  }

  private static List<RecordedLine> read(String name, InputStream in) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    List<RecordedLine> all = new ArrayList<>();
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (!line.isBlank()) {
        all.add(parse(name + ":" + number, number, line));
      }
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException(name + ": holds no answer");
    }
    return all;
  }

  private static RecordedLine parse(String where, int number, String line) {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(where + ": is not JSON: " + e.getOriginalMessage(), e);
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException(where + ": must be a JSON object");
    }
    return new RecordedLine(
        number, question(where, number, node), answer(where, node), text(where, node, "label"));
  }

  private static Question question(String where, int number, JsonNode node) {
    String prompt = text(where, node, "prompt");
    prompt = prompt == null ? text(where, node, "instruction") : prompt;
    if (prompt == null || prompt.isBlank()) {
      throw new IllegalArgumentException(
          where + ": prompt: is missing (or instruction): it must be a string that is not empty");
    }
    Map<String, String> labels = new LinkedHashMap<>();
    for (String label : LABELS) {
      String value = text(where, node, label);
      if (value != null && !value.isBlank()) {
        labels.put(label, value);
      }
    }
    String unit = text(where, node, "unit");
    unit = unit == null ? text(where, node, "user") : unit;
    JsonNode id = node.path("id");
    JsonNode format = node.path("response_format");
    String kind = format.path("type").asText("");
    JsonNode schema = format.path("json_schema").path("schema");
    return new Question(
        id.isValueNode() && !id.isNull() ? id.asText() : String.valueOf(number),
        unit == null ? prompt.strip() : unit,
        prompt,
        kind.startsWith("json"),
        schema.isObject() ? schema.toString() : null,
        labels);
  }

  private static Answered answer(String where, JsonNode node) {
    String present = node.has("output") ? "output" : "completion";
    JsonNode output = node.get(present);
    boolean failed = node.hasNonNull("error");
    List<ToolCall> tools = tools(where, node.path("tool_calls"));
    if (output == null && !failed && tools.isEmpty()) {
      throw new IllegalArgumentException(
          where + ": output: is missing (or completion, error or tool_calls)");
    }
    if (output != null && !output.isTextual() && !output.isNull()) {
      throw new IllegalArgumentException(where + ": " + present + ": must be a string");
    }
    String text = output == null || output.isNull() ? null : output.textValue();
    Double tokens = number(where, node.path("usage"), "completion_tokens");
    boolean empty = (text == null || text.isBlank()) && tools.isEmpty();
    return new Answered(
        failed ? AnswerOutcome.FAILED : empty ? AnswerOutcome.EMPTY : AnswerOutcome.ANSWERED,
        text,
        tools,
        number(where, node, "latency_ms"),
        number(where, node, "ttft_ms"),
        tokens == null ? null : Math.round(tokens),
        text(where, node, "finish_reason"));
  }

  private static List<ToolCall> tools(String where, JsonNode calls) {
    if (calls.isMissingNode() || calls.isNull()) {
      return List.of();
    }
    if (!calls.isArray()) {
      throw new IllegalArgumentException(where + ": tool_calls: must be an array");
    }
    List<ToolCall> tools = new ArrayList<>();
    for (JsonNode call : calls) {
      JsonNode function = call.has("function") ? call.get("function") : call;
      JsonNode arguments = function.path("arguments");
      tools.add(
          new ToolCall(
              function.path("name").asText(""),
              arguments.isTextual() ? arguments.textValue() : arguments.toString()));
    }
    return tools;
  }

  private static @Nullable String text(String where, JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw new IllegalArgumentException(where + ": " + field + ": must be a string");
    }
    return value.textValue();
  }

  private static @Nullable Double number(String where, JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isNumber() || value.doubleValue() < 0) {
      throw new IllegalArgumentException(
          where + ": " + field + " is " + value + ": it must be a number, 0 or more");
    }
    return value.doubleValue();
  }
}
