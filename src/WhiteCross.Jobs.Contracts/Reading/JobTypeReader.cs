using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Reads and validates the data of one type of job.</summary>
internal abstract class JobTypeReader
{
    /// <summary>Reads valid data fast; null when anything is wrong with it.</summary>
    public abstract object? TryRead(ReadOnlySpan<byte> utf8);

    /// <summary>Whether data of this type has a member of that name.</summary>
    public abstract bool HasMember(string name);

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

    public override bool HasMember(string name) => TypedJsonInspector.Find(json, name) is not null;

    public override void Explain(JsonElement data, string path, FieldErrors errors)
    {
        if (data.ValueKind != JsonValueKind.Object)
        {
            errors.Add(FieldNames.OrWhole(path), "must be an object.");
            return;
        }

        var found = new FieldErrors();
        TypedJsonInspector.Inspect(data, json, path, found);
        foreach (var (field, messages) in found.ToDictionary().Where(error => !errors.Has(error.Key)))
        {
            errors.Add(field, string.Join(' ', messages));
        }

        if (ReadWithout(data, path, found) is not { } readable)
        {
            return;
        }

        foreach (var failure in validator.Validate(readable).Errors)
        {
            var field = FieldNames.Join(path, FieldNames.CamelCase(failure.PropertyName));
            if (errors.IsFull)
            {
                return;
            }

            // A rule that misses what was left out, since it has the wrong type, would only say so again.
            if (!found.Touches(field))
            {
                errors.Add(field, failure.ErrorMessage);
            }
        }
    }

    /// <summary>Reads what can be read: the data without the properties in which something wrong was found.</summary>
    private TData? ReadWithout(JsonElement data, string path, FieldErrors found)
    {
        var good = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(good))
        {
            writer.WriteStartObject();
            foreach (var property in data.EnumerateObject())
            {
                if (TypedJsonInspector.Find(json, TypedJsonInspector.NameOf(property)) is { } known && !found.Touches(FieldNames.Join(path, known.Name)))
                {
                    writer.WritePropertyName(known.Name);
                    writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(property.Value), skipInputValidation: true);
                }
            }

            writer.WriteEndObject();
        }

        try
        {
            return JsonSerializer.Deserialize(good.WrittenSpan, json);
        }
        catch (JsonException)
        {
            // A property without which the type cannot be made is itself wrong, and noted.
            return null;
        }
    }
}
