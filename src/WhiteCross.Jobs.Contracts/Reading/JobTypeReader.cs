using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Reads and validates the data of one type of job.</summary>
internal abstract class JobTypeReader
{
    /// <summary>Reads valid data fast; null when anything is wrong with it.</summary>
    public abstract object? TryRead(ReadOnlySpan<byte> utf8);

    /// <summary>Notes everything that is wrong with data.</summary>
    public abstract void Explain(JsonElement data, string path, FieldErrors errors);
}

/// <inheritdoc/>
internal sealed class JobTypeReader<TData>(JsonTypeInfo<TData> json, IValidator<TData> validator) : JobTypeReader
    where TData : class
{
    public override object? TryRead(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, json) is { } data && validator.Validate(data).IsValid ? data : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public override void Explain(JsonElement data, string path, FieldErrors errors)
    {
        if (data.ValueKind != JsonValueKind.Object)
        {
            errors.Add(path.Length == 0 ? "$" : path, "must be an object.");
            return;
        }

        TypedJsonInspector.Inspect(data, json, path, errors);
        TypedJsonInspector.InspectDuplicates(data, path, errors);
        if (ReadWithout(data, path, errors) is { } readable)
        {
            foreach (var failure in validator.Validate(readable).Errors)
            {
                var field = FieldNames.Join(path, FieldNames.CamelCase(failure.PropertyName));
                if (!errors.Covers(field))
                {
                    errors.Add(field, failure.ErrorMessage);
                }
            }
        }
    }

    /// <summary>Reads what can be read: the data without the properties in which a wrong type was found.</summary>
    private TData? ReadWithout(JsonElement data, string path, FieldErrors errors)
    {
        var good = new JsonObject();
        var wrong = errors.ToDictionary().Keys.ToList();
        foreach (var property in data.EnumerateObject())
        {
            var name = TypedJsonInspector.NameOf(property);
            var field = FieldNames.Join(path, FieldNames.Shown(name));
            if (wrong.Exists(known => known == field || known.StartsWith(field + ".", StringComparison.Ordinal) || known.StartsWith(field + "[", StringComparison.Ordinal)))
            {
                // Noted once; a rule that misses it would only say so again.
                errors.Add(field, errors.ToDictionary().TryGetValue(field, out var messages) ? messages[0] : "holds a wrong value.");
                continue;
            }

            good[name] = JsonNode.Parse(property.Value.GetRawText());
        }

        try
        {
            return good.Deserialize(json);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
