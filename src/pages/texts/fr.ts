import type { StatusTexts } from './status-texts'

export const fr: StatusTexts = {
  brand: 'Rasid',
  languages: 'Langue',
  states: {
    queued: {
      heading: 'Demande reçue',
      sentence: 'Nous avons votre demande de recharge. Il n’y a pas encore de résultat.',
      next: 'Cela prend en général moins d’une minute.',
      operatorStep: 'Chez l’opérateur',
      resultStep: 'Résultat',
    },
    sending: {
      heading: 'En cours',
      sentence: 'Votre recharge est chez l’opérateur. Il n’y a pas encore de résultat.',
      next: 'La réponse arrive en général en moins d’une minute.',
      operatorStep: 'Envoi en cours',
      resultStep: 'Résultat',
    },
    sent: {
      heading: 'Crédit envoyé',
      sentence: 'Le crédit a été envoyé à ce numéro.',
      next: 'Si vous ne le voyez pas dans votre solde, montrez cette page à la boutique.',
      operatorStep: 'Chez l’opérateur',
      resultStep: 'Crédit envoyé',
    },
    refunded: {
      heading: 'Recharge non effectuée',
      sentence: 'La recharge n’a pas abouti, et l’argent est revenu sur le solde de la boutique.',
      next: 'Demandez à la boutique de réessayer ou de vous rembourser.',
      operatorStep: 'N’a pas abouti',
      resultStep: 'Argent revenu à la boutique',
    },
    unknown: {
      heading: 'Pas encore de résultat',
      sentence:
        'Votre argent est en sécurité\u00a0: rien n’est encore décidé. Soit le crédit arrive, soit l’argent revient sur le solde de la boutique.',
      next: 'En attendant, ne demandez pas une deuxième recharge\u00a0: la première peut encore arriver.',
      operatorStep: 'Pas de réponse claire',
      resultStep: 'Résultat',
    },
  },
  late: 'Cela prend plus de temps que d’habitude, et nous continuons à vérifier. Ne demandez pas une deuxième recharge\u00a0: la première peut encore arriver.',
  nextLook: {
    at: (time) => `Nous vérifions de nouveau à ${time}.`,
    on: (date, time) => `Nous vérifions de nouveau le ${date} à ${time}.`,
    soon: 'Nous vérifions de nouveau dans un instant.',
    undated: 'Nous continuons à vérifier.',
  },
  labels: { number: 'Numéro', amount: 'Montant', date: 'Demandée le' },
  timeline: 'Étapes',
  askedStep: 'Demandée',
  acceptedStep: 'Acceptée',
  marks: { done: 'fait', now: 'en cours', later: 'à venir', doubt: 'inconnu', failed: 'échec' },
  dateAndTime: (date, time) => `${date} à\u00a0${time}`,
  reason: 'Motif indiqué',
  offers: 'Offres possibles pour ce numéro',
  offersHint: 'Demandez l’une d’elles à la boutique.',
  keep: {
    heading: 'Gardez cette page',
    scan: 'Scannez le code pour ouvrir cette page sur un téléphone.',
    print: 'Imprimer',
  },
  asOf: (dateAndTime) => `Situation au ${dateAndTime}.`,
  refreshes: 'Cette page se met à jour toute seule.',
  unknownLink: {
    heading: 'Lien introuvable',
    sentence: 'Nous ne connaissons aucune recharge sous ce lien.',
    next: 'Vérifiez que vous avez ouvert le lien en entier, ou redemandez-le à la boutique.',
  },
}
