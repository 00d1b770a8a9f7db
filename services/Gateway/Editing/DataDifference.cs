using System.Text.Json;
using System.Text.Json.Nodes;

namespace WhiteCross.Gateway;

/// <summary>A field that differs.</summary>
/// <param name="Field">The field, as errors name it.</param>
/// <param name="Before">What it was; null where it was not there.</param>
/// <param name="After">What it is then; null where it is not there.</param>
internal sealed record FieldChange(string Field, JsonElement? Before, JsonElement? After);

/// <summary>In what two pieces of data differ.</summary>
internal static class DataDifference
{
    private const int Most = 200;

    public static IReadOnlyList<FieldChange> Between(JsonNode? before, JsonNode? after)
    {
        var changes = new List<FieldChange>();
        Add(changes, string.Empty, before, after);
        return changes;
    }

    private static void Add(List<FieldChange> changes, string field, JsonNode? before, JsonNode? after)
    {
        if (changes.Count == Most || JsonNode.DeepEquals(before, after))
        {
            return;
        }

        if (before is JsonObject one && after is JsonObject other)
        {
            foreach (var name in one.Select(member => member.Key).Union(other.Select(member => member.Key)))
            {
                Add(changes, field.Length == 0 ? name : $"{field}.{name}", one[name], other[name]);
            }

            return;
        }

        changes.Add(new FieldChange(field.Length == 0 ? "data" : field, Element(before), Element(after)));
    }

    private static JsonElement? Element(JsonNode? node) => node is null ? null : JsonSerializer.SerializeToElement(node);
}
