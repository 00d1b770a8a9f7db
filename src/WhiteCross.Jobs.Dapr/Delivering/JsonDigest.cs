using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>
/// A digest of what JSON says, whatever its spelling: a sidecar delivers a stored event byte for byte when it comes alone, and writes it anew, with its
/// members in another order, when it comes in a bulk.
/// </summary>
internal static class JsonDigest
{
    // Deeper than this the bytes count as they are: no event of this system is so deep, and the walk must not run out of stack.
    private const int DeepestWalk = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = CloudEventReader.MaxDepth };

    /// <summary>The SHA-256 of the JSON; of the bytes themselves where they are none, or hold text that is not Unicode.</summary>
    public static byte[] Of(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Append(hash, document.RootElement, depth: 0);
            return hash.GetHashAndReset();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return SHA256.HashData(json.Span);
        }
    }

    private static void Append(IncrementalHash hash, JsonElement element, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object or JsonValueKind.Array when depth == DeepestWalk:
                hash.AppendData(JsonMarshal.GetRawUtf8Value(element));
                break;
            case JsonValueKind.Object:
                hash.AppendData("{"u8);
                foreach (var member in element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    AppendText(hash, 'n', member.Name);
                    Append(hash, member.Value, depth + 1);
                }

                hash.AppendData("}"u8);
                break;
            case JsonValueKind.Array:
                hash.AppendData("["u8);
                foreach (var item in element.EnumerateArray())
                {
                    Append(hash, item, depth + 1);
                }

                hash.AppendData("]"u8);
                break;
            case JsonValueKind.String:
                AppendText(hash, 's', element.GetString()!);
                break;
            case JsonValueKind.Number:
                // 1.0, 1 and 1e0 are one number to whoever writes it anew.
                AppendText(hash, 'd', element.TryGetDouble(out var number) ? number.ToString("R", CultureInfo.InvariantCulture) : element.GetRawText());
                break;
            default:
                AppendText(hash, 'l', element.GetRawText());
                break;
        }
    }

    // With its length in front, so that no text can pass for two.
    private static void AppendText(IncrementalHash hash, char kind, string text) =>
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}{text.Length}:{text}")));
}
