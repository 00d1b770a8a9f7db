using System.Text.Json;
using System.Text.Json.Nodes;

namespace WhiteCross.Gateway;

/// <summary>What somebody wants changed of what a failed job is about.</summary>
/// <param name="Data">The whole of it, in place of what was there; stands alone.</param>
/// <param name="Set">Values by field; <c>emailPayload.subject</c> is a field of a part.</param>
/// <param name="Remove">Fields to take away.</param>
internal sealed record DataEdit(JsonElement? Data = null, IReadOnlyDictionary<string, JsonElement>? Set = null, IReadOnlyList<string>? Remove = null)
{
    private const int Deepest = 8;

    /// <summary>The names of what it changes, for the audit log: no values.</summary>
    internal string Told => string.Join("; ", new[]
    {
        Data is null ? null : "all data",
        Set is { Count: > 0 } ? $"set {string.Join(", ", Set.Keys)}" : null,
        Remove is { Count: > 0 } ? $"remove {string.Join(", ", Remove)}" : null,
    }.Where(part => part is not null));

    /// <summary>What is wrong with the edit itself, by field.</summary>
    internal Dictionary<string, string[]> Problems()
    {
        var errors = new Dictionary<string, string[]>();
        if (Data is { ValueKind: not JsonValueKind.Object })
        {
            errors["data"] = ["must be an object: all that the job is about."];
        }
        else if (Data is not null && (Set is not null || Remove is not null))
        {
            errors["data"] = ["stands alone: give either the whole data, or fields to set and to remove."];
        }

        foreach (var (field, _) in Set ?? new Dictionary<string, JsonElement>())
        {
            AddIfMalformed(errors, "set", field);
        }

        foreach (var field in Remove ?? [])
        {
            AddIfMalformed(errors, "remove", field);
        }

        return errors;
    }

    /// <summary>The data with the changes; what cannot be changed goes into <paramref name="errors"/>.</summary>
    internal JsonNode? Apply(JsonElement before, Dictionary<string, string[]> errors)
    {
        if (Data is { } whole)
        {
            return JsonNode.Parse(whole.GetRawText());
        }

        var node = before.ValueKind == JsonValueKind.Undefined ? null : JsonNode.Parse(before.GetRawText());
        if (node is not JsonObject data)
        {
            if (Set is { Count: > 0 } || Remove is { Count: > 0 })
            {
                errors["data"] = ["is no object, so no field of it can be changed: give all of it as data."];
            }

            return node;
        }

        foreach (var field in Remove ?? [])
        {
            if (Find(data, field, isMade: false) is var (parent, name))
            {
                parent.Remove(NameIn(parent, name));
            }
        }

        foreach (var (field, value) in Set ?? new Dictionary<string, JsonElement>())
        {
            if (Find(data, field, isMade: true) is var (parent, name))
            {
                parent[NameIn(parent, name)] = JsonNode.Parse(value.GetRawText());
            }
            else
            {
                errors[$"data.{field}"] = ["lies in something that is no object."];
            }
        }

        return data;
    }

    private static void AddIfMalformed(Dictionary<string, string[]> errors, string member, string field)
    {
        var parts = field.Split('.');
        if (parts.Length > Deepest || parts.Any(string.IsNullOrWhiteSpace))
        {
            errors[member] = [$"has a name that is none: fields are named as in errors, such as content or emailPayload.subject, at most {Deepest} deep."];
        }
    }

    private static (JsonObject Parent, string Name)? Find(JsonObject data, string field, bool isMade)
    {
        var parts = field.Split('.');
        var parent = data;
        foreach (var part in parts[..^1])
        {
            var name = NameIn(parent, part);
            if (parent[name] is null && isMade)
            {
                parent[name] = new JsonObject();
            }

            if (parent[name] is not JsonObject next)
            {
                return null;
            }

            parent = next;
        }

        return (parent, parts[^1]);
    }

    // Names are read in any case; a second one beside the first would be an error.
    private static string NameIn(JsonObject parent, string name) =>
        parent.Select(member => member.Key).FirstOrDefault(key => string.Equals(key, name, StringComparison.OrdinalIgnoreCase)) ?? name;
}
