using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>Writes an enum as a kebab- or snake-case word in lower case and reads it in any case; the error names the value's problem and the choices.</summary>
/// <typeparam name="TEnum">The enum.</typeparam>
public abstract class WordJsonConverter<TEnum> : JsonConverter<TEnum>
    where TEnum : struct, Enum
{
    private static readonly TEnum[] Values = Enum.GetValues<TEnum>();
    private readonly JsonEncodedText[] _words;

    /// <summary>Creates the converter.</summary>
    /// <param name="word">The word on the wire for each value.</param>
    protected WordJsonConverter(Func<TEnum, string> word) => _words = [.. Values.Select(value => JsonEncodedText.Encode(word(value)))];

    /// <inheritdoc/>
    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            var text = reader.GetString();
            for (var i = 0; i < _words.Length; i++)
            {
                if (string.Equals(_words[i].Value, text, StringComparison.OrdinalIgnoreCase))
                {
                    return Values[i];
                }
            }
        }

        throw new JsonException($"must be one of {string.Join(", ", _words.Select(word => word.Value))}.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) =>
        writer.WriteStringValue(_words[Array.IndexOf(Values, value)]);
}

/// <summary>Priorities: written as upper-case names, read by name in any case or by number.</summary>
public sealed class JobPriorityJsonConverter : JsonConverter<JobPriority>
{
    /// <inheritdoc/>
    public override JobPriority Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (WholeNumbers.TryRead(ref reader, out var number) && number is >= int.MinValue and <= int.MaxValue && Enum.IsDefined((JobPriority)number))
        {
            return (JobPriority)number;
        }

        if (reader.TokenType == JsonTokenType.String)
        {
            var text = reader.GetString();
            foreach (var priority in Enum.GetValues<JobPriority>())
            {
                if (string.Equals(priority.ToString(), text, StringComparison.OrdinalIgnoreCase))
                {
                    return priority;
                }
            }
        }

        throw new JsonException("must be LOW (1), NORMAL (5), HIGH (10) or CRITICAL (20).");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JobPriority value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value switch
        {
            JobPriority.Low => "LOW",
            JobPriority.High => "HIGH",
            JobPriority.Critical => "CRITICAL",
            _ => "NORMAL",
        });
}

#pragma warning disable CA1308 // lower case is the wire's form, not a normalisation
/// <summary>Job states in lower case.</summary>
public sealed class JobStateJsonConverter() : WordJsonConverter<JobState>(value => value.ToString().ToLowerInvariant());

/// <summary>Back-off types in lower case.</summary>
public sealed class JobBackoffTypeJsonConverter() : WordJsonConverter<JobBackoffType>(value => value.ToString().ToLowerInvariant());

/// <summary>Health verdicts in lower case.</summary>
public sealed class QueueHealthStatusJsonConverter() : WordJsonConverter<QueueHealthStatus>(value => value.ToString().ToLowerInvariant());

/// <summary>Message statuses in lower case.</summary>
public sealed class MessageStatusJsonConverter() : WordJsonConverter<MessageStatus>(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

/// <summary>Notification channels in snake case.</summary>
public sealed class NotificationTypeJsonConverter() : WordJsonConverter<NotificationType>(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

/// <summary>Notification priorities in lower case.</summary>
public sealed class NotificationPriorityJsonConverter() : WordJsonConverter<NotificationPriority>(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

/// <summary>Notification categories in snake case.</summary>
public sealed class NotificationCategoryJsonConverter() : WordJsonConverter<NotificationCategory>(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

/// <summary>Index operations in lower case.</summary>
public sealed class IndexOperationJsonConverter() : WordJsonConverter<IndexOperation>(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

/// <summary>Encryption operations in lower case.</summary>
public sealed class EncryptionOperationJsonConverter() : WordJsonConverter<EncryptionOperation>(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

/// <summary>What schedules do on overlap, in lower case.</summary>
public sealed class ScheduleOverlapJsonConverter() : WordJsonConverter<ScheduleOverlap>(value => value.ToString().ToLowerInvariant());

/// <summary>Who made a schedule, in lower case.</summary>
public sealed class ScheduleOriginJsonConverter() : WordJsonConverter<ScheduleOrigin>(value => value.ToString().ToLowerInvariant());

/// <summary>Clean-up types in snake case.</summary>
public sealed class CleanupTypeJsonConverter() : WordJsonConverter<CleanupType>(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
