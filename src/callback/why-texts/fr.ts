import type { WhyTexts } from './texts'

/** A colon has a no-break space before it. */
export const fr: WhyTexts = {
  isolated: (text) => text,
  joined: (first, second) => `${first}\u00a0; ${second}`,
  stop: '.',
  causes: {
    delivered: ({ status, url }) =>
      `Votre serveur l’avait déjà accepté (${status}) à l’adresse ${url}, et il est envoyé à nouveau`,
    redirected: ({ status, url }) =>
      `Votre serveur a répondu par une redirection (${status}) à l’adresse ${url}\u00a0: les redirections ne sont jamais suivies, enregistrez l’adresse finale`,
    gone: ({ status, url }) =>
      `Votre serveur a répondu ${status} à l’adresse ${url}, ce qui veut dire qu’il ne veut plus rien recevoir`,
    throttled: ({ status, url }) => `Votre serveur a demandé une pause (${status}) à l’adresse ${url}`,
    barred: ({ status, url }) =>
      `Votre serveur a répondu ${status} à l’adresse ${url}\u00a0: vérifiez-y le secret de signature, et n’exigez pas d’identification sur ce chemin`,
    lost: ({ status, url }) =>
      `Votre serveur a répondu ${status} à l’adresse ${url}\u00a0: vérifiez le chemin, et qu’il accepte POST`,
    oversized: ({ status, url }) =>
      `Votre serveur a répondu ${status} à l’adresse ${url}\u00a0: faites-lui accepter des requêtes de 16 Ko`,
    refused: ({ status, url }) =>
      `Votre serveur a refusé la requête (${status}) à l’adresse ${url}\u00a0: son journal dit pourquoi`,
    failed: ({ status, url }) =>
      `Votre serveur est tombé en erreur (${status}) à l’adresse ${url}\u00a0: consultez son journal d’erreurs`,
    timeout: ({ url }) =>
      `Votre serveur n’a pas répondu complètement en 10 s à l’adresse ${url}\u00a0: répondez d’abord, travaillez ensuite`,
    dns: ({ host }) => `Le nom d’hôte ${host} est introuvable\u00a0: vérifiez ses enregistrements DNS`,
    tls: ({ url }) =>
      `Aucune connexion sécurisée (TLS) n’a pu être établie avec ${url}\u00a0: vérifiez le certificat, ses dates, ses noms et toute sa chaîne`,
    connect: ({ url }) =>
      `La connexion à ${url} n’a pas pu être établie, ou s’est interrompue\u00a0: vérifiez que le serveur est en marche et qu’aucun pare-feu ne s’interpose`,
    too_large: ({ status, url }) =>
      `Votre serveur a répondu ${status} à l’adresse ${url} avec plus de 64 Ko\u00a0: un 204 vide suffit`,
    forbidden: ({ url, answer }) =>
      `L’adresse ${url} ne peut pas être appelée${answer === '' ? '' : ` (${answer})`}\u00a0: enregistrez-en une autre`,
    answered: ({ status, url }) => `Votre serveur a répondu ${status} à l’adresse ${url}`,
    silent: ({ url }) =>
      `Aucune réponse n’est venue de ${url}\u00a0: vérifiez que le serveur est joignable depuis Internet`,
  },
  firstAttempt: (at) => `Rien n’a encore été tenté\u00a0: le premier essai est prévu le ${at}`,
  nextAttempt: (at, spent, all) => `prochain essai le ${at} (essais comptés\u00a0: ${spent} sur ${all})`,
  soon: 'L’envoi est imminent',
  held: {
    unverified:
      'L’adresse de rappel n’a pas encore renvoyé son défi\u00a0: cet événement partira dès qu’elle l’aura fait',
    paused:
      'Vous avez mis l’adresse de rappel en pause\u00a0: cet événement partira quand vous la réactiverez',
    disabled: 'L’adresse de rappel est désactivée\u00a0: cet événement partira quand vous la réactiverez',
    gone: 'Votre serveur a répondu 410, l’adresse de rappel a donc été désactivée\u00a0: cet événement partira quand vous la réactiverez',
    breaker:
      'l’adresse de rappel a échoué pour plusieurs commandes de suite et elle est sondée\u00a0: cet événement partira dès qu’elle répondra',
  },
  heldOtherwise: (reason) => `L’événement est retenu (${reason})`,
  exhausted: (spent) =>
    `il n’y aura plus d’essai (essais comptés\u00a0: ${spent})\u00a0: demandez l’état de la commande par sa référence`,
  cancelled: {
    endpoint_deleted: 'L’adresse de rappel a été supprimée avant d’avoir accepté cet événement',
    superseded: 'Un événement plus récent de la même commande l’a remplacé, comme vous l’avez demandé',
  },
  cancelledOtherwise: (reason) => `L’événement a été annulé (${reason})`,
}
