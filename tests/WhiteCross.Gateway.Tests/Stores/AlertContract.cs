
namespace WhiteCross.Gateway.Tests;

/// <summary>Alerts on any store: what comes back is what was put, and of two that change the same one only the first does.</summary>
public abstract class AlertContract
{
    private static readonly DateTimeOffset Since = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly IVersionedStore<StoredAlert> _alerts;
    private readonly string _queue = $"q-{Guid.NewGuid():n}";

    private protected AlertContract(IVersionedStore<StoredAlert> alerts) => _alerts = alerts;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_about_it__comes_back_as_it_was_put()
    {
        var alert = Alert("failed") with { ClearSince = Since.AddSeconds(5), Deliveries = [new("a-raised", "0123", """{"id":"a"}""", 2, Since.AddMinutes(1)), new("b", "4567", "{}", 0, Since)] };
        Assert.True(await _alerts.ReplaceAsync(null, alert, Cancel));

        var read = (await _alerts.FindAsync(StoredAlert.Group, StoredAlert.NameOf(_queue, "failed"), Cancel))!;

        Assert.Equal(alert.Deliveries, read.Deliveries);
        Assert.Equal(alert with { Version = 1 }, read with { Deliveries = alert.Deliveries });
    }

    [Fact]
    public async Task Replacing__needs_what_is_there()
    {
        Assert.True(await _alerts.ReplaceAsync(null, Alert("failed"), Cancel));
        Assert.False(await _alerts.ReplaceAsync(null, Alert("failed"), Cancel));
        var read = (await _alerts.FindAsync(StoredAlert.Group, StoredAlert.NameOf(_queue, "failed"), Cancel))!;

        Assert.True(await _alerts.ReplaceAsync(read, read with { IsRaised = false }, Cancel));
        Assert.False(await _alerts.ReplaceAsync(read, read with { Id = "late" }, Cancel));

        var now = (await _alerts.FindAsync(StoredAlert.Group, StoredAlert.NameOf(_queue, "failed"), Cancel))!;
        Assert.Equal((false, read.Id), (now.IsRaised, now.Id));
    }

    [Fact]
    public async Task Raised_by_many_at_once__is_raised_by_one()
    {
        var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _alerts.ReplaceAsync(null, Alert("waiting"), Cancel)));

        Assert.Equal(1, won.Count(isFirst => isFirst));
    }

    [Fact]
    public async Task Kinds__stand_beside_each_other()
    {
        await _alerts.ReplaceAsync(null, Alert("failed"), Cancel);
        await _alerts.ReplaceAsync(null, Alert("waiting"), Cancel);

        var ours = (await _alerts.ListAsync(StoredAlert.Group, Cancel)).Where(alert => alert.Queue == _queue);

        Assert.Equal(["failed", "waiting"], ours.Select(alert => alert.Kind).Order(StringComparer.Ordinal));
        Assert.Null(await _alerts.FindAsync(StoredAlert.Group, StoredAlert.NameOf(_queue, "paused"), Cancel));
    }

    private StoredAlert Alert(string kind) => new() { Queue = _queue, Kind = kind, Id = Guid.NewGuid().ToString(), IsRaised = true, Since = Since };
}
