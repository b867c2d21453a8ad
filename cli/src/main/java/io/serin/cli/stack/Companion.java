package io.serin.cli.stack;

import java.util.List;

/**
 * A process that a stack runs beside its parts, such as a model server of a demonstration. It must
 * print the line {@code serin-ready {"service":…,"url":…}} once it answers.
 *
 * @param name of the process, unique in the stack; also of its log
 * @param mainClass whose {@code main} it runs, on Serin's class path
 * @param arguments of {@code main}
 */
public record Companion(String name, String mainClass, List<String> arguments) {

  public Companion {
    if (!name.matches("[a-z][a-z0-9-]*")) {
      throw new IllegalArgumentException(
          "the companion's name is \"" + name + "\": it must be lower-case letters, digits and -");
    }
    arguments = List.copyOf(arguments);
  }
}
