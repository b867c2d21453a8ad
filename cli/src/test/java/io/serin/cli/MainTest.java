package io.serin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.serin.schemas.topics.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class MainTest {

  private final CommandLine serin = Main.commandLine(Subcommand.all());

  @Test
  void shouldDocumentEveryCommandAndOptionWithAnExample() {
    for (CommandLine command : serin.getSubcommands().values()) {
      assertThat(command.getUsageMessage())
          .as(command.getCommandName())
          .contains("Example")
          .contains("serin " + command.getCommandName());
      for (OptionSpec option : command.getCommandSpec().options()) {
        assertThat(option.description())
            .as(command.getCommandName() + " " + option.longestName())
            .isNotEmpty();
      }
    }
  }

  /** picocli formats each line: a lone percent sign is a warning on the terminal of each reader. */
  @Test
  void shouldWriteHelpThatPicocliCanFormat() {
    Deque<CommandLine> commands = new ArrayDeque<>(List.of(serin));
    while (!commands.isEmpty()) {
      CommandLine command = commands.pop();
      commands.addAll(command.getSubcommands().values());
      var help = command.getCommandSpec().usageMessage();
      Stream.of(help.header(), help.description(), help.footer())
          .flatMap(Arrays::stream)
          .forEach(
              line ->
                  assertThatCode(() -> String.format(line))
                      .as(command.getCommandName() + ": " + line)
                      .doesNotThrowAnyException());
    }
  }

  @Test
  void shouldListEveryTopic() {
    StringWriter out = new StringWriter();
    serin.setOut(new PrintWriter(out, true));

    assertThat(serin.execute("topics")).isZero();

    Topics.all().forEach(topic -> assertThat(out.toString()).contains(topic.name()));
  }

  @Test
  void shouldNameTheOptionThatIsWrong() {
    StringWriter err = new StringWriter();
    serin.setErr(new PrintWriter(err, true));

    assertThat(serin.execute("up", "--port", "70000")).isEqualTo(2);
    assertThat(err.toString()).contains("--port is 70000: it must be from 0 to 65535");
  }
}
