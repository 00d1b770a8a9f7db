using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Dapr.Delivering;

/// <summary>The id of a job that names none: its event's, so that the event delivered twice is one job; of an event id that is no job id, a digest.</summary>
internal static class JobEventIds
{
    public static string IdOf(ReceivedEvent received, TimeProvider time) =>
        received.Id.Length == 0 ? Guid.CreateVersion7(time.GetUtcNow()).ToString()
        : JobIds.IsValid(received.Id) ? received.Id
        : "event-" + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(received.Id)));
}
