package io.serin.privacy;

import java.util.ArrayList;
import java.util.List;

/**
 * Places in a JSON document: names parted by dots, {@code *} for any name or index of one level, a
 * number for an index. {@code metadata.customer} and {@code messages.*.name} are two. Immutable.
 */
final class JsonPlaces {
  static final JsonPlaces NONE = new JsonPlaces(List.of());

  private final List<List<String>> places;

  private JsonPlaces(List<List<String>> places) {
    this.places = places;
  }

  static JsonPlaces of(List<String> places) {
    return new JsonPlaces(places.stream().map(place -> List.of(place.split("\\.", -1))).toList());
  }

  Walk walk() {
    return new Walk();
  }

  /** Where a reader of a document is. Confined to one reader. */
  final class Walk {
    private final List<String> names = new ArrayList<>();

    /** −1 in an object, else the index of the value to come. */
    private final List<Integer> indices = new ArrayList<>();

    void name(String name) {
      names.set(names.size() - 1, name);
    }

    /** A value begins. */
    void value() {
      if (!indices.isEmpty() && indices.getLast() >= 0) {
        int index = indices.removeLast();
        indices.add(index + 1);
        names.set(names.size() - 1, Integer.toString(index));
      }
    }

    void enterObject() {
      names.add("");
      indices.add(-1);
    }

    void enterArray() {
      names.add("");
      indices.add(0);
    }

    void leave() {
      names.removeLast();
      indices.removeLast();
    }

    /** Whether the value that began is one of the places. */
    boolean atPlace() {
      for (List<String> place : places) {
        if (place.size() == names.size() && matches(place)) {
          return true;
        }
      }
      return false;
    }

    private boolean matches(List<String> place) {
      for (int i = 0; i < place.size(); i++) {
        if (!place.get(i).equals("*") && !place.get(i).equals(names.get(i))) {
          return false;
        }
      }
      return true;
    }
  }
}
