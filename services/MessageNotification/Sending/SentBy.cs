using System.Text.Json;
using System.Text.Json.Serialization;

namespace WhiteCross.MessageNotification;

/// <summary>Who has sent something, and what it is known by there.</summary>
/// <param name="Provider">Which provider; null where an older version has sent it, which kept only the id.</param>
/// <param name="Id">The provider's id.</param>
[JsonConverter(typeof(SentByJsonConverter))]
internal sealed record SentBy(string? Provider, string Id);

/// <summary>Reads also what older versions kept: the id alone.</summary>
internal sealed class SentByJsonConverter : JsonConverter<SentBy>
{
    public override SentBy Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new SentBy(null, reader.GetString()!);
        }

        using var json = JsonDocument.ParseValue(ref reader);
        return new SentBy(json.RootElement.TryGetProperty("provider", out var provider) ? provider.GetString() : null, json.RootElement.GetProperty("id").GetString()!);
    }

    public override void Write(Utf8JsonWriter writer, SentBy value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("provider", value.Provider);
        writer.WriteString("id", value.Id);
        writer.WriteEndObject();
    }
}
