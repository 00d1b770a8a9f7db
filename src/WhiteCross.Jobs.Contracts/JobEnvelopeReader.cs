using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace WhiteCross.Jobs.Contracts;

/// <summary>
/// Reads job envelopes, from anywhere: never throws, whatever the bytes are. What is valid is read once, without copies; what is not is read a second
/// time, field by field, so that every error is named and not only the first.
/// </summary>
/// <param name="types">The job types that are known.</param>
public sealed class JobEnvelopeReader(JobTypeRegistry types)
{
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = JobLimits.Nesting };
    private static readonly JsonDocumentOptions DocumentOptions = new() { MaxDepth = JobLimits.Nesting };

    // As deep as Dapr delivers: what is too deep for a job still says whose it is.
    private static readonly JsonReaderOptions DeepOptions = new() { MaxDepth = 10_050 };
    private static readonly JobTypeReader<JobOptions> OptionsReader = new(JobsJsonContext.Closed.JobOptions, new JobOptionsValidator());

    /// <summary>Reads the job types of White Cross.</summary>
    public static JobEnvelopeReader Default { get; } = new(JobTypeRegistry.Default);

    /// <summary>Reads an envelope or, on a queue with one job type, bare data.</summary>
    /// <param name="queue">The queue it is for.</param>
    /// <param name="utf8">The JSON. What the reading holds are parts of it.</param>
    public JobReading Read(QueueDefinition queue, ReadOnlyMemory<byte> utf8)
    {
        ArgumentNullException.ThrowIfNull(queue);
        if (utf8.Length > JobLimits.EnvelopeBytes)
        {
            var (jobId, type) = Identify(queue, utf8);
            return TooLarge(jobId, type);
        }

        if (!TrySplit(utf8, out var parts))
        {
            return Explain(queue, utf8, default);
        }

        if (!parts.HasData && queue.DefaultJobType is not null)
        {
            // Without a member "data" it is the data itself; members of the envelope's names then belong to the data.
            parts = new Parts
            {
                Data = utf8,
                Seen = Members.Data,
                IsBare = true,
                HasWrongMember = (parts.Seen.HasFlag(Members.JobId) || parts.Seen.HasFlag(Members.Options) || parts.HasSingleOption) && HasMisplaced(queue, utf8, isBare: true),
            };
        }
        else if (parts.HasSingleOption || parts.HasOther)
        {
            parts.HasWrongMember |= HasMisplaced(queue, utf8, isBare: false);
        }

        if (parts.Data.Length > JobLimits.DataBytes)
        {
            return TooLarge(JobIds.IsValid(parts.JobId) ? parts.JobId : null, parts.Type ?? queue.DefaultJobType ?? string.Empty);
        }

        return TryRead(queue, parts) ?? Explain(queue, utf8, parts);
    }

    /// <summary>Looks at data that is on record already.</summary>
    /// <param name="jobType">The job's type.</param>
    /// <param name="data">The data, as UTF-8 JSON.</param>
    /// <returns>What is wrong with it, field by field, without a value; null when nothing is, or when the type is not known here.</returns>
    public string? ErrorsOf(string jobType, ReadOnlyMemory<byte> data)
    {
        ArgumentNullException.ThrowIfNull(jobType);
        if (types.Find(jobType) is not { } reader)
        {
            return null;
        }

        var errors = new FieldErrors();
        if (Utf8.IsValid(data.Span) && JsonEscapes.IndexOfLoneSurrogate(data.Span) < 0)
        {
            if (reader.TryRead(data.Span) is not null)
            {
                return null;
            }

            try
            {
                using var document = JsonDocument.Parse(data, DocumentOptions);
                reader.Explain(document.RootElement, "data", errors);
            }
            catch (JsonException)
            {
                // Said below.
            }
        }

        return errors.IsEmpty ? "data: must be JSON, in UTF-8." : errors.ToString();
    }

    private JobReading? TryRead(QueueDefinition queue, in Parts parts)
    {
        var type = parts.Type ?? queue.DefaultJobType;
        if (parts.HasWrongMember || (parts.JobId is not null && !JobIds.IsValid(parts.JobId)) || type is null || !queue.Takes(type) || types.Find(type) is not { } reader)
        {
            return null;
        }

        var options = new JobOptions();
        ReadOnlyMemory<byte> optionsJson = default;
        if (!parts.Options.IsEmpty && !parts.Options.Span.SequenceEqual("null"u8))
        {
            if (OptionsReader.TryRead(parts.Options.Span) is not JobOptions asked)
            {
                return null;
            }

            options = asked;
            optionsJson = JsonSerializer.SerializeToUtf8Bytes(asked, JobsJsonContext.Default.JobOptions);
        }

        return reader.TryRead(parts.Data.Span) is { } job
            ? new JobReading { JobId = parts.JobId, Type = type, Data = parts.Data, OptionsJson = optionsJson, Options = options, Job = job }
            : null;
    }

    // Rarely needed, and then every name counts: by the slow way, which can also tell.
    private bool HasMisplaced(QueueDefinition queue, ReadOnlyMemory<byte> utf8, bool isBare)
    {
        var errors = new FieldErrors();
        using var document = JsonDocument.Parse(utf8, DocumentOptions);
        AddMisplaced(queue, document.RootElement, isBare, errors);
        return !errors.IsEmpty;
    }

    private void AddMisplaced(QueueDefinition queue, JsonElement root, bool isBare, FieldErrors errors)
    {
        if (isBare)
        {
            EnvelopeMembers.AddMisplacedInBareData(root, types.Find(queue.DefaultJobType!), errors);
        }
        else
        {
            EnvelopeMembers.AddMisplaced(root, errors);
        }
    }

    /// <summary>Finds the members of the envelope; false when it is no JSON object, or holds a member twice.</summary>
    private static bool TrySplit(ReadOnlyMemory<byte> utf8, out Parts parts)
    {
        parts = default;
        if (!Utf8.IsValid(utf8.Span) || JsonEscapes.IndexOfLoneSurrogate(utf8.Span) >= 0)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(utf8.Span, ReaderOptions);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!ReadMember(ref reader, utf8, ref parts))
                {
                    return false;
                }
            }

            // Anything behind the object makes the reader throw.
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool ReadMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8, ref Parts parts)
    {
        switch (EnvelopeMembers.KindOf(ref reader))
        {
            case EnvelopeMembers.Kind.JobId:
                parts.JobId = ReadText(ref reader, ref parts.HasWrongMember);
                return parts.IsFirst(Members.JobId);
            case EnvelopeMembers.Kind.Type:
                parts.Type = ReadText(ref reader, ref parts.HasWrongMember);
                return parts.IsFirst(Members.Type);
            case EnvelopeMembers.Kind.Data:
                parts.Data = Slice(ref reader, utf8);
                return parts.IsFirst(Members.Data);
            case EnvelopeMembers.Kind.Options:
                parts.Options = Slice(ref reader, utf8);
                return parts.IsFirst(Members.Options);
            case EnvelopeMembers.Kind.SingleOption:
                parts.HasSingleOption = true;
                break;
            default:
                parts.HasOther = true;
                break;
        }

        reader.Skip();
        return true;
    }

    private static string? ReadText(ref Utf8JsonReader reader, ref bool isWrong)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        // Null is as good as absent; anything else may still be a member of bare data.
        isWrong |= reader.TokenType != JsonTokenType.Null;
        reader.Skip();
        return null;
    }

    private static ReadOnlyMemory<byte> Slice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> utf8)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return utf8[start..(int)reader.BytesConsumed];
    }

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

    [Flags]
    private enum Members
    {
        None = 0,
        JobId = 1,
        Type = 2,
        Data = 4,
        Options = 8,
    }

    private struct Parts
    {
        public string? JobId;
        public string? Type;
        public ReadOnlyMemory<byte> Data;
        public ReadOnlyMemory<byte> Options;
        public Members Seen;
        public bool HasWrongMember;
        public bool HasSingleOption;
        public bool HasOther;
        public bool IsBare;

        public readonly bool HasData => Seen.HasFlag(Members.Data);

        public bool IsFirst(Members member)
        {
            var isFirst = !Seen.HasFlag(member);
            Seen |= member;
            return isFirst;
        }
    }
}
