package io.serin.router.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files as crashes leave them. Each case is seeded: the seed is in the message of a failure. */
@SuppressWarnings("NullAway.Init") // Set by JUnit.
@Timeout(120)
class JournalCrashTest {

  @TempDir private Path directory;

  @Test
  void shouldKeepWhatIsWholeBeforeADamagedTail(@TempDir Path elsewhere) throws IOException {
    Random shape = new Random(1);
    List<String> written = new ArrayList<>();
    try (Journal journal = Journals.open(directory)) {
      for (int i = 0; i < 60; i++) {
        String text =
            "%08d".formatted(i).repeat(1 + shape.nextInt(25)); // No padding: every byte counts.
        written.add(text);
        journal.append(Journals.event(i % 2, text));
      }
      for (int seed = 0; seed < 200; seed++) {
        Path copy = Journals.copy(directory, elsewhere.resolve("seed-" + seed));
        long from = damage(Segment.pathOf(copy, 1), tail(journal), new Random(seed));
        long whole =
            Journals.readAll(journal).stream()
                .filter(event -> event.next().offset() <= from)
                .count();

        try (Journal reopened = Journals.open(copy)) {
          boolean same = Journals.texts(reopened).equals(written.subList(0, (int) whole));
          assertThat(same).as("seed " + seed).isTrue();
          reopened.append(Journals.event(0, "after the crash"));
        }
        try (Journal again = Journals.open(copy)) {
          List<String> texts = Journals.texts(again);
          assertThat(texts.getLast()).as("seed " + seed).isEqualTo("after the crash");
          assertThat(texts.size()).as("seed " + seed).isEqualTo(whole + 1);
        }
      }
    }
  }

  @Test
  void shouldHoldAllThatWasAcknowledgedBeforeACopyIsTaken(@TempDir Path elsewhere)
      throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    List<AtomicInteger> ended =
        List.of(new AtomicInteger(), new AtomicInteger(), new AtomicInteger());
    try (Journal journal =
        Journal.open(
            new JournalSettings(directory, 64 << 20, 128 << 10, 1_024),
            Journals.DEATH,
            Journals.CLOCK)) {
      List<Thread> writers = new ArrayList<>();
      for (int writer = 0; writer < 3; writer++) {
        int me = writer;
        writers.add(Thread.ofPlatform().start(() -> write(journal, me, ended.get(me), stop)));
      }
      for (int seed = 0; seed < 25; seed++) {
        Awaiting.pause(new Random(seed).nextInt(20));
        int[] before = ended.stream().mapToInt(AtomicInteger::get).toArray();
        Path copy = Journals.copy(directory, elsewhere.resolve("copy-" + seed));
        try (Journal reopened =
            Journal.open(
                new JournalSettings(copy, 64 << 20, 128 << 10, 1_024),
                Journals.DEATH,
                Journals.CLOCK)) {
          List<JournalEvent> events = Journals.readAll(reopened);
          verifyOnce(events, before, "seed " + seed);
        }
      }
      stop.set(true);
      for (Thread writer : writers) {
        writer.join();
      }
      assertThat(journal.status().dropped()).isZero();
    }
  }

  @Test
  void shouldHoldEveryAppendThatReturnedWhenKilled() throws Exception {
    for (int round = 0; round < 4; round++) {
      Process child = child(directory);
      List<String> said = new ArrayList<>();
      try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8)) {
        int lines = 2_000 + new Random(round).nextInt(8_000);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          said.add(line);
          if (said.size() == lines) {
            child
                .toHandle()
                .destroyForcibly(); // The streams stay open, unlike with destroyForcibly() of
            // Process.
          }
        }
      }
      child.waitFor();
      String last = said.getLast();
      if (!last.matches("\\d+-\\d+-\\d+")) {
        said.removeLast(); // Cut in the middle of a line.
      }

      String mine = round + "-";
      try (Journal journal = Journals.open(large(directory), "", Segment.Preallocation::zeros)) {
        assertThat(journal.recovered().newIncarnation()).isEqualTo(false);
        Map<String, Integer> times = new HashMap<>();
        Map<Integer, Long> next = new HashMap<>();
        for (JournalEvent event : Journals.readAll(journal)) {
          times.merge(
              Journals.text(event.payload()).replaceFirst("^died begin-(\\S+) .*", "$1"),
              1,
              Integer::sum);
          long sequence = next.merge(event.payload().partition(), 1L, Long::sum) - 1;
          assertThat(event.sequence()).isEqualTo(sequence);
        }
        assertThat(said).as("round " + round).allSatisfy(one -> assertThat(one).startsWith(mine));
        for (String one : said) {
          assertThat(times.get(one)).as("round " + round + ": " + one).isEqualTo(1);
        }
        assertThat(times.values()).as("round " + round).allMatch(count -> count == 1);
        assertThat(journal.status().openTickets()).isZero();
      }
    }
  }

  /** A router that knows nothing but its journal: begins, ends, says so. Never ends by itself. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws IOException {
      Path directory = Path.of(args[0]);
      Journal journal = Journals.open(large(directory), "", Segment.Preallocation::zeros);
      int round = Integer.parseInt(args[1]);
      for (int thread = 0; thread < 3; thread++) {
        int me = thread;
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; true; i++) {
                    String name = round + "-" + me + "-" + i;
                    long ticket = journal.begin(Journals.event(me % 2, "begin-" + name));
                    journal.begin(Journals.event(0, "begin-" + name + "-open"));
                    if (ticket != 0 && journal.end(ticket, Journals.event(me % 2, name))) {
                      say(name);
                    }
                  }
                });
      }
    }

    private static void say(String name) {
      byte[] line = (name + "\n").getBytes(StandardCharsets.UTF_8);
      synchronized (System.out) {
        System.out.write(line, 0, line.length);
        System.out.flush();
      }
    }
  }

  private int rounds;

  private Process child(Path journal) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            journal.toString(),
            Integer.toString(rounds++))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static JournalSettings large(Path directory) {
    return new JournalSettings(directory, 512 << 20, 1 << 20, 1_024);
  }

  private static void write(Journal journal, int writer, AtomicInteger ended, AtomicBoolean stop) {
    for (int i = 0; !stop.get() && i < 20_000; i++) {
      long ticket = journal.begin(Journals.event(writer, "begin"));
      while (ticket == 0) { // Files are not made as fast as this.
        Awaiting.pause(1);
        ticket = journal.begin(Journals.event(writer, "begin"));
      }
      journal.end(ticket, Journals.event(writer, writer + " " + i));
      ended.set(i + 1);
      if (i % 64 == 0) {
        Awaiting.pause(1);
      }
    }
  }

  private static void verifyOnce(List<JournalEvent> events, int[] atLeast, String as) {
    Set<String> seen = new HashSet<>();
    long[] next = new long[atLeast.length];
    for (JournalEvent event : events) {
      int partition = event.payload().partition();
      assertThat(event.sequence()).as(as).isEqualTo(next[partition]++);
      String text = Journals.text(event.payload());
      if (!text.startsWith("died")) {
        assertThat(seen.add(text)).as(as + ": " + text).isTrue();
      }
    }
    for (int writer = 0; writer < atLeast.length; writer++) {
      for (int i = 0; i < atLeast[writer]; i++) {
        assertThat(seen.contains(writer + " " + i)).as(as + ": " + writer + " " + i).isTrue();
      }
    }
  }

  private static long tail(Journal journal) {
    return Journals.readAll(journal).getLast().next().offset();
  }

  /**
   * Truncates, or flips bytes of, the second half of what was written; returns where the damage
   * begins.
   */
  private static long damage(Path segment, long tail, Random random) throws IOException {
    long from = tail / 2 + random.nextLong(tail / 2);
    try (FileChannel file =
        FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      switch (random.nextInt(3)) {
        case 0 -> file.truncate(from);
        case 1 -> {
          ByteBuffer one = ByteBuffer.allocate(1);
          file.read(one, from);
          one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(8)));
          file.write(one.rewind(), from);
        }
        default -> {
          byte[] noise = new byte[(int) (tail - from)];
          random.nextBytes(noise);
          file.write(ByteBuffer.wrap(noise), from);
        }
      }
    }
    return from;
  }
}
