using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// Looks for every field of a JSON value that has the wrong type, is missing or is given twice, where deserialising would stop at the first one. Slow
/// and thorough: only for values that are known to be wrong. Names that a sender made up are never repeated: they may hold what must not be logged.
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
        if (errors.IsFull)
        {
            return;
        }

        if (value.ValueKind == JsonValueKind.Null)
        {
            // Null is as good as absent where the type has room for it; whether the field is required is a rule's to say.
            if (type.Type.IsValueType && Nullable.GetUnderlyingType(type.Type) is null && type.Type != typeof(JsonElement))
            {
                errors.Add(FieldNames.OrWhole(path), MessageFor(type));
            }

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
                if (HoldsTwice(value))
                {
                    errors.Add(FieldNames.OrWhole(path), "must not hold a property twice.");
                }
                else if (JsonEscapes.IndexOfLoneSurrogate(JsonMarshal.GetRawUtf8Value(value)) >= 0)
                {
                    errors.Add(FieldNames.OrWhole(path), "must be valid Unicode: it holds an escape that is half a character (\\ud800 to \\udfff).");
                }
                else if (!CanRead(value, type))
                {
                    errors.Add(FieldNames.OrWhole(path), MessageFor(type));
                }

                break;
        }
    }

    /// <summary>A property's name; null when it is no text (a lone surrogate).</summary>
    public static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void InspectObject(JsonElement value, JsonTypeInfo type, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            var name = NameOf(property);
            var known = Find(type, name);
            if (known is null)
            {
                if ((type.UnmappedMemberHandling ?? type.Options.UnmappedMemberHandling) == JsonUnmappedMemberHandling.Disallow)
                {
                    AddUnknown(name, type, path, errors);
                }

                continue;
            }

            var field = FieldNames.Join(path, known.Name);
            if (!seen.Add(known.Name))
            {
                errors.Add(field, "is given twice.");
            }

            Inspect(property.Value, type.Options.GetTypeInfo(known.PropertyType), field, errors);
        }

        foreach (var missing in type.Properties.Where(property => property.IsRequired && !seen.Contains(property.Name)))
        {
            errors.Add(FieldNames.Join(path, missing.Name), $"is required; it {MessageFor(type.Options.GetTypeInfo(missing.PropertyType))}");
        }
    }

    /// <summary>The property of a type that a name in JSON stands for, without regard to case.</summary>
    public static JsonPropertyInfo? Find(JsonTypeInfo type, string? name) =>
        type.Properties.FirstOrDefault(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The names that a type reads.</summary>
    public static IReadOnlyList<string> NamesOf(JsonTypeInfo type) =>
        [.. type.Properties.Where(known => known.Set is not null || known.AssociatedParameter is not null).Select(known => known.Name)];

    private static void AddUnknown(string? name, JsonTypeInfo type, string path, FieldErrors errors)
    {
        var field = UnknownNames.FieldOf(name);
        errors.Add(
            field == "$" ? FieldNames.OrWhole(path) : FieldNames.Join(path, field),
            UnknownNames.Message(name, NamesOf(type)));
    }

    private static void InspectItems(JsonElement value, JsonTypeInfo type, string path, FieldErrors errors)
    {
        var item = type.Options.GetTypeInfo(type.ElementType!);
        var i = 0;
        foreach (var element in value.EnumerateArray())
        {
            if (errors.IsFull)
            {
                return;
            }

            var field = $"{path}[{i++}]";
            if (element.ValueKind == JsonValueKind.Null)
            {
                errors.Add(field, MessageFor(item));
            }
            else
            {
                Inspect(element, item, field, errors);
            }
        }
    }

    private static bool HoldsTwice(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            return value.EnumerateArray().Any(HoldsTwice);
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var seen = new HashSet<string?>(StringComparer.Ordinal);
        return value.EnumerateObject().Any(property => !seen.Add(NameOf(property)) || HoldsTwice(property.Value));
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
            // Text that is none.
            return false;
        }
    }

    /// <summary>What a value of this type must be.</summary>
    public static string MessageFor(JsonTypeInfo type)
    {
        var plain = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        return plain switch
        {
            _ when plain == typeof(string) => "must be text.",
            _ when plain == typeof(Guid) => "must be a UUID (8-4-4-4-12 hexadecimal digits).",
            _ when plain == typeof(bool) => "must be true or false.",
            _ when plain == typeof(int) || plain == typeof(long) => "must be a whole number.",
            _ when plain == typeof(double) || plain == typeof(decimal) => "must be a number.",
            _ when plain == typeof(DateTimeOffset) => $"{Rfc3339.Rule}.",
            { IsEnum: true } => $"must be one of {EnumWords.Of(plain)}.",
            _ when type.Kind == JsonTypeInfoKind.Enumerable => "must be an array.",
            _ when type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "must be an object.",
            _ => "has a value of the wrong type.",
        };
    }
}
