using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace WhiteCross.Jobs.Contracts;

/// <summary>The second reading, of what is not valid: whose it is, and everything that is wrong with it, each by its field.</summary>
public sealed partial class JobEnvelopeReader
{
    // As deep as Dapr delivers: what is too deep for a job still says whose it is.
    private static readonly JsonReaderOptions DeepOptions = new() { MaxDepth = 10_050 };

    private static JobReading TooLarge(string? jobId, string type)
    {
        var message = string.Create(CultureInfo.InvariantCulture, $"must have at most {JobLimits.DataBytes} bytes (1 MiB) of JSON.");
        return new JobReading
        {
            JobId = jobId,
            Type = type,
            IsTooLarge = true,
            Errors = new Dictionary<string, string[]> { ["data"] = [message] },
            ErrorText = $"data: {message}",
        };
    }

    /// <summary>Whose an envelope is that is too large or too deep to be read: it fails under its own id, which its publisher looks for.</summary>
    private static (string? JobId, string Type) Identify(QueueDefinition queue, ReadOnlyMemory<byte> utf8)
    {
        Parts parts = default;
        try
        {
            var reader = new Utf8JsonReader(utf8.Span, DeepOptions);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    ReadMember(ref reader, utf8, ref parts);
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // What was found until then counts.
        }

        // Without a member "data" it is bare data, whose members are its own.
        var isEnvelope = parts.HasData || queue.DefaultJobType is null;
        return (
            isEnvelope && JobIds.IsValid(parts.JobId) ? parts.JobId : null,
            isEnvelope && parts.Type is { } type && queue.Takes(type) ? type : queue.DefaultJobType ?? string.Empty);
    }

    /// <summary>Says everything that is wrong with what could not be read.</summary>
    private JobReading Explain(QueueDefinition queue, ReadOnlyMemory<byte> utf8, in Parts parts)
    {
        var errors = new FieldErrors();
        string? jobId = null;
        var type = string.Empty;
        ReadOnlyMemory<byte> data = default;
        if (TryParse(utf8, errors, out var document))
        {
            using (document)
            {
                var root = document.RootElement;
                if (root.ValueKind != JsonValueKind.Object)
                {
                    errors.Add("$", "must be an object: a job envelope {\"jobId\"?, \"type\", \"data\", \"options\"?}.");
                }
                else if (parts.IsBare || (!TryGetMember(root, "data", out _) && queue.DefaultJobType is not null))
                {
                    type = queue.DefaultJobType!;
                    data = utf8;
                    AddMisplaced(queue, root, isBare: true, errors);
                    types.Find(type)?.Explain(root, string.Empty, errors);
                }
                else
                {
                    ExplainEnvelope(queue, root, errors, out jobId, out type, out data);
                    AddMisplaced(queue, root, isBare: false, errors);
                }
            }

            // What cannot be read as text could never be shown or published again: it does not go on record.
            if (JsonEscapes.IndexOfLoneSurrogate(utf8.Span) is >= 0 and var at)
            {
                data = JsonEscapes.IndexOfLoneSurrogate(data.Span) < 0 ? data : default;
                if (errors.IsEmpty)
                {
                    errors.Add("$", string.Create(
                        CultureInfo.InvariantCulture, $"is not valid Unicode: the escape at byte {at + 1} is half a character (\\ud800 to \\udfff)."));
                }
            }
        }

        else
        {
            (jobId, type) = Identify(queue, utf8);
        }

        if (errors.IsEmpty)
        {
            errors.Add("$", "cannot be read as a job of this queue.");
        }

        return new JobReading { JobId = jobId, Type = type, Data = data, Errors = errors.ToDictionary(), ErrorText = errors.ToString() };
    }

    private void ExplainEnvelope(
        QueueDefinition queue, JsonElement root, FieldErrors errors, out string? jobId, out string type, out ReadOnlyMemory<byte> data)
    {
        jobId = null;
        data = default;
        foreach (var twice in root.EnumerateObject().Select(TypedJsonInspector.NameOf).GroupBy(name => name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
        {
            if (EnvelopeMembers.Find(twice.Key) is { } name)
            {
                errors.Add(name, "is given twice.");
            }
        }

        if (TryGetMember(root, "jobId", out var id) && id.ValueKind != JsonValueKind.Null)
        {
            var text = TextOf(id);
            if (JobIds.IsValid(text))
            {
                jobId = text;
            }
            else
            {
                errors.Add("jobId", JobIds.Rule + ".");
            }
        }

        var reader = ExplainType(queue, root, errors, out type);
        if (TryGetMember(root, "options", out var options) && options.ValueKind != JsonValueKind.Null)
        {
            OptionsReader.Explain(options, "options", errors);
        }

        if (!TryGetMember(root, "data", out var member))
        {
            errors.Add("data", "is required.");
        }
        else
        {
            data = JsonMarshal.GetRawUtf8Value(member).ToArray();
            reader?.Explain(member, "data", errors);
        }
    }

    private JobTypeReader? ExplainType(QueueDefinition queue, JsonElement root, FieldErrors errors, out string type)
    {
        var takes = $"queue '{queue.Name}' takes {string.Join(", ", queue.JobTypes)}.";
        type = queue.DefaultJobType ?? string.Empty;
        if (!TryGetMember(root, "type", out var named) || named.ValueKind == JsonValueKind.Null)
        {
            if (queue.DefaultJobType is null)
            {
                errors.Add("type", "is required; " + takes);
            }

            return types.Find(type);
        }

        var text = TextOf(named);
        if (text is null)
        {
            errors.Add("type", "must be text; " + takes);
            return null;
        }

        if (!queue.Takes(text))
        {
            errors.Add("type", "is not a job type of this queue; " + takes);
            type = IsName(text) ? text : string.Empty;
            return null;
        }

        type = text;
        return types.Find(text);
    }

    /// <summary>Whether a type that is not known may go on record: it looks like a name, and can be no sentence of somebody's.</summary>
    private static bool IsName(string text) =>
        text.Length is >= 1 and <= 64 && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');

    /// <summary>The member of that name, the last one if there are several; unlike <see cref="JsonElement.TryGetProperty(string, out JsonElement)"/> it bears names that are no text.</summary>
    private static bool TryGetMember(JsonElement root, string name, out JsonElement value)
    {
        value = default;
        foreach (var property in root.EnumerateObject())
        {
            if (string.Equals(TypedJsonInspector.NameOf(property), name, StringComparison.OrdinalIgnoreCase))
            {
                value = property.Value;
            }
        }

        return value.ValueKind != JsonValueKind.Undefined;
    }

    private static string? TextOf(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool TryParse(ReadOnlyMemory<byte> utf8, FieldErrors errors, out JsonDocument document)
    {
        document = null!;
        if (utf8.IsEmpty || utf8.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            errors.Add("$", "is empty; a job envelope is a JSON object {\"jobId\"?, \"type\", \"data\", \"options\"?}.");
            return false;
        }

        if (!Utf8.IsValid(utf8.Span))
        {
            errors.Add("$", "is not valid UTF-8.");
            return false;
        }

        try
        {
            document = JsonDocument.Parse(utf8, DocumentOptions);
            return true;
        }
        catch (JsonException exception)
        {
            errors.Add("$", string.Create(
                CultureInfo.InvariantCulture,
                $"is not valid JSON, or nested deeper than {JobLimits.Nesting} levels, at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."));
            return false;
        }
    }
}
