package io.serin.rehearsal.recorded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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

/**
 * What one model answered to a set of prompts: JSON lines, gzipped or not, one object a line with
 * {@code prompt} (or {@code instruction}) and {@code output} (or {@code completion}). Other fields
 * are left alone; empty lines too. Where a prompt comes twice, the first answer counts. Immutable.
 */
public final class RecordedAnswers {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<RecordedAnswer> answers;
  private final Map<String, RecordedAnswer> byPrompt = new LinkedHashMap<>();

  /**
   * Keeps the answers.
   *
   * @throws IllegalArgumentException where there is none
   */
  public RecordedAnswers(List<RecordedAnswer> answers) {
    if (answers.isEmpty()) {
      throw new IllegalArgumentException("recorded answers: the file is empty");
    }
    for (RecordedAnswer answer : answers) {
      byPrompt.putIfAbsent(answer.prompt().strip(), answer);
    }
    this.answers = List.copyOf(byPrompt.values());
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException where a line is not what it should be: names file, line and
   *     field
   * @throws IOException where the file cannot be read
   */
  public static RecordedAnswers read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in);
    }
  }

  /** The small set that ships with Serin. */
  public static RecordedAnswers shipped(String model) {
    String name = model + ".jsonl";
    try (InputStream in = RecordedAnswers.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("recorded answers: no shipped set is called " + model);
      }
      return read(name, in);
    } catch (IOException e) {
      throw new IllegalStateException("recorded answers: " + name + " cannot be read", e);
    }
  }

  static RecordedAnswers read(String name, InputStream in) throws IOException {
    BufferedInputStream raw = new BufferedInputStream(in);
    raw.mark(2);
    boolean gzipped = raw.read() == 0x1f && raw.read() == 0x8b;
    raw.reset();
    InputStream plain = gzipped ? new GZIPInputStream(raw) : raw;
    List<RecordedAnswer> answers = new ArrayList<>();
    BufferedReader lines = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8));
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      if (!line.isBlank()) {
        answers.add(parse(name + ":" + number, line));
      }
    }
    if (answers.isEmpty()) {
      throw new IllegalArgumentException(name + ": holds no answer");
    }
    return new RecordedAnswers(answers);
  }

  private static RecordedAnswer parse(String where, String line) {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(where + ": is not JSON: " + e.getOriginalMessage(), e);
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException(where + ": must be a JSON object");
    }
    String prompt = text(where, node, "prompt", "instruction");
    if (prompt.isBlank()) {
      throw new IllegalArgumentException(where + ": prompt: must not be empty");
    }
    return new RecordedAnswer(prompt, text(where, node, "output", "completion"));
  }

  private static String text(String where, JsonNode node, String name, String otherName) {
    String present = node.has(name) ? name : otherName;
    JsonNode value = node.get(present);
    if (value == null) {
      throw new IllegalArgumentException(
          where + ": " + name + ": is missing (or " + otherName + ")");
    }
    if (!value.isTextual()) {
      throw new IllegalArgumentException(where + ": " + present + ": must be a string");
    }
    return value.textValue();
  }

  /** The prompts, in the order of the file, each once. */
  public List<String> prompts() {
    return answers.stream().map(RecordedAnswer::prompt).toList();
  }

  /** How many prompts have an answer. */
  public int size() {
    return answers.size();
  }

  /** Whether this very prompt was recorded. */
  public boolean holds(String prompt) {
    return byPrompt.containsKey(prompt.strip());
  }

  /** The recorded answer; for a prompt that was not recorded, always the same other prompt's. */
  public RecordedAnswer answer(String prompt) {
    String key = prompt.strip();
    RecordedAnswer exact = byPrompt.get(key);
    return exact != null
        ? exact
        : answers.get(Math.floorMod(key.hashCode() * 0x9e3779b9, answers.size()));
  }
}
