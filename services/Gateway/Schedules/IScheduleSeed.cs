namespace WhiteCross.Gateway;

/// <summary>Puts schedules there that come from settings; called at every start and again and again: the store may have lost what it had.</summary>
internal interface IScheduleSeed
{
    /// <summary>Makes the stored schedules agree with the settings.</summary>
    /// <param name="cancellationToken">Ends the work.</param>
    Task SeedAsync(CancellationToken cancellationToken);
}
