using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Chaos.Running;

/// <summary>What the API says of the jobs in the end.</summary>
internal static class RecordReading
{
    private const string Jobs = $"/queue/{JobQueues.MessageNotification}/jobs";

    public static async Task<Dictionary<string, JobRecord>> ReadAsync(HttpClient gateway, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var records = new Dictionary<string, JobRecord>(StringComparer.Ordinal);
        foreach (var id in ids)
        {
            using var answer = await gateway.GetAsync(new Uri($"{Jobs}/{id}", UriKind.Relative), cancellationToken);
            if (answer.StatusCode != HttpStatusCode.NotFound)
            {
                answer.EnsureSuccessStatusCode();
                records[id] = (await answer.Content.ReadFromJsonAsync<JobRecord>(JobsJsonContext.Default.Options, cancellationToken))!;
            }
        }

        return records;
    }

    /// <summary>The jobs whose events a sidecar has given up, with the attempts that they have on record.</summary>
    public static async Task<Dictionary<string, int>> ListGivenUpAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        var givenUp = new Dictionary<string, int>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await gateway.GetFromJsonAsync<JsonElement>(
                $"{Jobs}?state=failed&data=false&limit=1000{(cursor is null ? string.Empty : $"&cursor={Uri.EscapeDataString(cursor)}")}", cancellationToken);
            foreach (var job in page.GetProperty("jobs").EnumerateArray().Select(job => job.Deserialize(JobsJsonContext.Default.JobRecord)!).Where(job => job.Error?.Code == JobErrorCodes.Undeliverable))
            {
                givenUp[job.JobId] = job.Attempts.Count;
            }

            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
        return givenUp;
    }
}
