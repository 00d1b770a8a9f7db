using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>
/// The id of a job whose event names none. It must be the same at every delivery of the event, and another one for the next event: the event's own id,
/// or, where it has none that can be used, a digest of the event as it is stored. See docs/decisions/0018-events-without-an-id.md.
/// </summary>
internal static class JobEventIds
{
    public static string IdOf(in ReceivedEvent received) =>
        JobIds.IsValid(received.Id) ? received.Id
        : received.Id.Length > 0 ? Of(SHA256.HashData(Encoding.UTF8.GetBytes(received.Id)))
        : Of(JsonDigest.Of(received.Whole));

    /// <summary>Whether the job's id rests on the event's content, so that two events that are alike to the byte are one job.</summary>
    public static bool IsByContent(in ReceivedEvent received) => received.Id.Length == 0;

    private static string Of(byte[] hash) => "event-" + Base64Url.EncodeToString(hash);
}
