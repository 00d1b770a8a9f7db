using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using WhiteCross.Jobs.Sealing;

namespace WhiteCross.Gateway;

/// <summary>
/// Ties each entry of the audit log to the one before it: HMAC-SHA-256 over the former link, the number and the entry, with a key that whoever reads and
/// writes Redis has not. A changed, missing or inserted entry breaks the chain from there on.
/// </summary>
internal sealed class AuditChain(JobSealing sealing)
{
    public const string Beginning = "";

    // Without keys the chain still shows mistakes, though not whoever makes it anew on purpose.
    private readonly byte[] _key = sealing.KeyFor("audit") ?? [];

    public string Next(string former, long number, ReadOnlySpan<byte> json)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData(Encoding.ASCII.GetBytes(former));
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
        hash.AppendData(json);
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    /// <summary>Looks whether the log is whole.</summary>
    public async Task<AuditVerdict> VerifyAsync(IAuditLog log, CancellationToken cancellationToken)
    {
        var (count, first, former) = (0L, 0L, (AuditLink?)null);
        await foreach (var link in log.ReadAsync(cancellationToken))
        {
            if (link.Number == 0)
            {
                continue; // From before there was a chain.
            }

            count++;
            if (former is null)
            {
                first = link.Number; // What was before it has gone with its time.
            }
            else if (link.Number != former.Number + 1)
            {
                return new AuditVerdict(false, count, first, link.Number, null, $"Entries {former.Number + 1} to {link.Number - 1} are missing.");
            }

            if ((former is not null || link.Number == 1) && Next(former?.Chain ?? Beginning, link.Number, link.Json.Span) != link.Chain)
            {
                return new AuditVerdict(false, count, first, link.Number, null, $"Entry {link.Number} is not what was written, or was written with another key.");
            }

            former = link;
        }

        return new AuditVerdict(true, count, first, former?.Number ?? 0, former?.Chain, null);
    }
}

/// <summary>Whether the audit log is whole.</summary>
/// <param name="IsWhole">Whether nothing is missing, inserted or changed.</param>
/// <param name="Entries">How many entries were looked at.</param>
/// <param name="First">The number of the oldest.</param>
/// <param name="Last">The number of the newest, or of the one where the chain breaks.</param>
/// <param name="Chain">The newest link: compared with the one that the log stream has of that number, it shows that the end is whole too.</param>
/// <param name="Problem">What is wrong; null for nothing.</param>
internal sealed record AuditVerdict(bool IsWhole, long Entries, long First, long Last, string? Chain, string? Problem);
