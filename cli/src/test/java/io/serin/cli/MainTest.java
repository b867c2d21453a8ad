package io.serin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.serin.schemas.topics.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
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
