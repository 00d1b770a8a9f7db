using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// Looks for every field of a JSON value that has the wrong type, where deserialising would stop at the first one. Slow and thorough: only for
/// values that are known to be wrong.
/// </summary>
internal static class TypedJsonInspector
{
    /// <summary>Notes what is wrong.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">What it should be.</param>
    /// <param name="path">The value's path; empty for the whole.</param>
    /// <param name="errors">Where to note it.</param>
    public static void Inspect(JsonElement value, JsonTypeInfo type, string path, FieldErrors errors)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when value.ValueKind == JsonValueKind.Object:
                InspectObject(value, type, path, errors);
                break;
            case JsonTypeInfoKind.Enumerable when value.ValueKind == JsonValueKind.Array:
                InspectItems(value, type, path, errors);
                break;
            default:
                if (!CanRead(value, type))
                {
                    errors.Add(path.Length == 0 ? "$" : path, MessageFor(type));
                }

                break;
        }
    }

    /// <summary>Notes properties that are given twice.</summary>
    public static void InspectDuplicates(JsonElement value, string path, FieldErrors errors)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var property in value.EnumerateObject())
            {
                var name = NameOf(property);
                var field = FieldNames.Join(path, FieldNames.Shown(name));
                if (!seen.Add(name))
                {
                    errors.Add(field, "is given twice.");
                }

                InspectDuplicates(property.Value, field, errors);
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            var i = 0;
            foreach (var item in value.EnumerateArray())
            {
                InspectDuplicates(item, $"{path}[{i++}]", errors);
            }
        }
    }

    /// <summary>A property's name; of one that is no text (a lone surrogate), a stand-in.</summary>
    public static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return "�";
        }
    }

    private static void InspectObject(JsonElement value, JsonTypeInfo type, string path, FieldErrors errors)
    {
        foreach (var property in value.EnumerateObject())
        {
            var known = type.Properties.FirstOrDefault(candidate => candidate.Name == NameOf(property));
            if (known is not null)
            {
                Inspect(property.Value, type.Options.GetTypeInfo(known.PropertyType), FieldNames.Join(path, known.Name), errors);
            }
        }
    }

    private static void InspectItems(JsonElement value, JsonTypeInfo type, string path, FieldErrors errors)
    {
        var item = type.Options.GetTypeInfo(type.ElementType!);
        var i = 0;
        foreach (var element in value.EnumerateArray())
        {
            if (element.ValueKind == JsonValueKind.Null)
            {
                errors.Add($"{path}[{i}]", MessageFor(item));
            }
            else
            {
                Inspect(element, item, $"{path}[{i}]", errors);
            }

            i++;
        }
    }

    private static bool CanRead(JsonElement value, JsonTypeInfo type)
    {
        try
        {
            value.Deserialize(type);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // Text that is none: a lone surrogate.
            return false;
        }
    }

    private static string MessageFor(JsonTypeInfo type)
    {
        var plain = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        return plain switch
        {
            _ when plain == typeof(string) => "must be text (valid Unicode).",
            _ when plain == typeof(Guid) => "must be a UUID (8-4-4-4-12 hexadecimal digits).",
            _ when plain == typeof(bool) => "must be true or false.",
            _ when plain == typeof(int) || plain == typeof(long) => "must be a whole number.",
            _ when plain == typeof(DateTimeOffset) => "must be a time in ISO 8601, such as 2026-01-31T08:00:00Z.",
            { IsEnum: true } => $"must be one of {EnumWords.Of(plain)}.",
            _ when type.Kind == JsonTypeInfoKind.Enumerable => "must be an array.",
            _ => "must be an object.",
        };
    }
}
